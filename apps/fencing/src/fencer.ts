import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Death, DockerClient } from './docker.client.js';
import type { EtcdLease, Revocation } from './etcd.lease.js';
import { decide, type Decision, type Evidence } from './fence.decision.js';
import type { FencingEnvironment } from './fencing.environment.js';
import type { FencingMetrics } from './fencing.metrics.js';

const reconnectMs = 500;
/** A leader that died while this service was starting; what died earlier has lost its lock by itself. */
const lookBackMs = 30_000;

/** `lock-changed` and `unconfirmed`: see {@link Revocation}. */
interface Outcome {
  readonly action: Decision['action'];
  readonly reason: Decision['reason'] | Exclude<Revocation, 'released'>;
  readonly evidence: Evidence;
  /** Asked to release the lock, etcd did not answer. */
  readonly unanswered?: true;
}

/** Where a request to release the lock went unanswered, that the lock is in other hands now does not say by whose doing. */
const reasonsOfOthers: readonly Outcome['reason'][] = ['lock-changed', 'another-leads', 'no-leader'];

/** Watches containers die, gathers evidence, lets {@link decide} judge it, and carries the judgement out. */
export class Fencer {
  constructor(
    private readonly environment: FencingEnvironment,
    private readonly docker: DockerClient,
    private readonly etcd: EtcdLease,
    private readonly metrics: FencingMetrics,
    private readonly logger: Logger,
  ) {}

  /** Resolves once `signal` has aborted and no death is being dealt with. */
  async run(signal: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>();
    // A death that happened while Docker was out of reach is reported afterwards; what counts is what is true then.
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
          // Each by itself: two members may die together.
          const task = this.handle(death, signal).finally(() => underWay.delete(task));
          underWay.add(task);
        }
        if (!signal.aborted) this.logger.info('Docker ended the stream of events');
      } catch (error) {
        // Once, however often it is tried.
        if (!signal.aborted && !complained)
          this.logger.warn({ reason: messageOf(error) }, 'Docker does not report events');
        complained = true;
      }
      this.metrics.watching.set(0);
      await sleep(reconnectMs, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(underWay);
  }

  /** One death, one line that says what was decided, whatever becomes of it. Never throws. */
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
    const reason = unanswered === true && reasonsOfOthers.includes(outcome.reason) ? 'unconfirmed' : outcome.reason;
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
      // Whether it was done or not, the next look shows what is true.
      return { action: 'doubt', reason: 'etcd-unreachable', evidence, unanswered: true };
    }
  }

  /**
   * The order is what makes it evidence: the container, then the lock, then the container again, and who else could have
   * held the lock. A twin counted before the lock was read could be made in between, and take it.
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
