import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Death, DockerClient } from './docker.client.js';
import type { EtcdLease, Revocation } from './etcd.lease.js';
import { decide, type Decision, type Evidence } from './fence.decision.js';
import type { FencingEnvironment } from './fencing.environment.js';
import type { FencingMetrics } from './fencing.metrics.js';

const reconnectMs = 500;
/** How far back deaths count that happened before this service started. Whoever died earlier has lost its lock by itself. */
const lookBackMs = 30_000;

/** `lock-changed` and `unconfirmed`: see {@link Revocation}. */
interface Outcome {
  readonly action: Decision['action'];
  readonly reason: Decision['reason'] | Exclude<Revocation, 'released'>;
  readonly evidence: Evidence;
  /** Whether etcd did not answer the request to release the lock. */
  readonly unanswered?: true;
}

/** Reasons that become `unconfirmed` after an unanswered request: it may have been the request that released the lock. */
const reasonsOfLostLock: readonly Outcome['reason'][] = ['lock-changed', 'another-leads', 'no-leader'];

/** Watches for deaths of containers, gathers evidence, has {@link decide} judge it, and does what was decided. */
export class Fencer {
  constructor(
    private readonly environment: FencingEnvironment,
    private readonly docker: DockerClient,
    private readonly etcd: EtcdLease,
    private readonly metrics: FencingMetrics,
    private readonly logger: Logger,
  ) {}

  /** Watches until `signal` aborts; resolves when no death is being handled any more. */
  async run(signal: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>();
    // Docker reports deaths that happened while it could not be reached. Evidence is gathered then, so a late report does no harm.
    let sinceMs = Date.now() - lookBackMs;
    let complained = false;
    while (!signal.aborted) {
      try {
        const connected = () => {
          complained = false;
          this.metrics.watching.set(1);
          this.logger.info({ sinceMs: Math.round(sinceMs) }, 'watching containers');
        };
        for await (const death of this.docker.deaths(sinceMs, signal, connected)) {
          sinceMs = Math.max(sinceMs, death.atMs + 1);
          // Deaths are handled at the same time, for two members may die together.
          const task = this.handle(death, signal).finally(() => underWay.delete(task));
          underWay.add(task);
        }
        if (!signal.aborted) this.logger.info('Docker ended the stream of events');
      } catch (error) {
        // Logged once, however often connecting fails.
        if (!signal.aborted && !complained)
          this.logger.warn({ reason: messageOf(error) }, 'Docker does not report events');
        complained = true;
      }
      this.metrics.watching.set(0);
      await sleep(reconnectMs, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(underWay);
  }

  /** Handles one death, and logs one line with the decision. Never throws. */
  private async handle({ who, atMs }: Death, signal: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + this.environment.DOUBT_DEADLINE_MS;
    let outcome = await this.judge(who);
    let looks = 1;
    let { unanswered } = outcome;
    if (outcome.action === 'doubt') this.logger.info({ ...who, reason: outcome.reason }, 'in doubt: looking again');
    while (outcome.action === 'doubt' && performance.now() < deadlineMs && !signal.aborted) {
      await sleep(this.environment.DOUBT_PAUSE_MS);
      outcome = await this.judge(who);
      looks += 1;
      unanswered ??= outcome.unanswered;
    }
    const { action, evidence } = outcome;
    const reason = unanswered === true && reasonsOfLostLock.includes(outcome.reason) ? 'unconfirmed' : outcome.reason;
    const afterMs = Math.round(Date.now() - atMs);
    this.metrics.decisions.inc({ action, reason });
    if (action === 'fence') this.metrics.durationSeconds.observe(afterMs / 1_000);
    this.logger[action === 'leave' ? 'info' : 'warn'](
      { action, reason, afterMs, looks, ...evidence },
      `decided: ${action}`,
    );
  }

  private async judge(death: Evidence['death']): Promise<Outcome> {
    const evidence = await this.gather(death);
    const decision = decide(evidence);
    if (decision.action !== 'fence') return { ...decision, evidence };
    try {
      const done = await this.etcd.revoke(decision.lock);
      return done === 'released' ? { ...decision, evidence } : { action: 'leave', reason: done, evidence };
    } catch (error) {
      this.logger.warn({ ...death, reason: messageOf(error) }, 'the lock was not released for certain');
      // The next look shows whether the lock was released.
      return { action: 'doubt', reason: 'etcd-unreachable', evidence, unanswered: true };
    }
  }

  /**
   * Reads the container, then the lock, then the container again and the list of containers. Only this order is evidence: a second
   * container that was made after a list, but before the lock was read, could hold the lock.
   */
  private async gather(death: Evidence['death']): Promise<Evidence> {
    const before = await this.docker.inspect(death.containerId);
    const lock = await this.etcd.lock();
    const [after, claimants] = await Promise.all([
      this.docker.inspect(death.containerId),
      this.docker.claimants(death.member),
    ]);
    return { death, before, lock, after, claimants };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
