import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../database/backoff.js';
import { codeOf } from '../database/failure.table.js';
import { PostgresHaError, unavailable } from '../errors/postgres-ha.error.js';
import type { LeaderAdmission } from './leader.admission.js';
import type { Attempt } from './node.reader.js';
import {
  isWorthRetrying,
  nextStep,
  reasonOf,
  type ReadRoute,
  type RoutingLimits,
  type RoutingReason,
} from './read.routing.js';

/** Tries the read once, on a replica or on the leader. A server that can wait for a position may do so for `waitMs`. */
export type Ask<T> = (node: ReadRoute['to'], waitMs?: number) => Promise<Attempt<T>>;

type Answered<T> = Extract<Attempt<T>, { kind: 'answered' }>;

/** The answer of a read, and what its route says of it. */
export interface RoutedAnswer<T> extends RoutingReason {
  readonly answered: Answered<T>;
  /** How long the read took, if a node was behind; else undefined. */
  readonly delayedMs?: number | undefined;
}

/** Pause between two attempts on a leader that cannot be reached. The replicas are asked in between. */
const leaderRetryMs = 50;
const retryBackoff = { baseMs: 5, maxMs: 200 };

/**
 * Whether a read that reached no replica so many times asks the leader next. A proxy sends such a read to the leader by itself; a name
 * that leads to replicas alone leads to nobody when there is none. One failure says only that one connection broke.
 */
const isLeadersTurn = (failures: number) => failures >= 2 && failures % 2 === 0;

/** Walks the route of a read: asks a node, waits, and asks the next, until one answers or the deadline has passed. */
export class RouteRunner {
  private leaderAnsweredMs = Number.NEGATIVE_INFINITY;

  /** @param retried is told why an attempt is followed by another */
  constructor(
    private readonly limits: RoutingLimits,
    private readonly admission: LeaderAdmission,
    private readonly retried: (reason: string) => void,
  ) {}

  /**
   * @throws PostgresHaError `replicas_behind` when no node held the positions in time
   * @throws what the last attempt met
   */
  async run<T>(route: ReadRoute, ask: Ask<T>): Promise<RoutedAnswer<T>> {
    if (route.to === 'replica') return this.fromReplicaFirst(ask);
    const { forwarded, admission } = route;
    const answered =
      admission === 'in-turn'
        ? await this.admission.inTurn(() => this.fromLeader(ask, this.limits.deadlineMs))
        : await this.admission.asWrite((waitMs) => this.fromLeader(ask, waitMs));
    return { answered, reason: forwarded ?? 'leader', forwarded };
  }

  private async fromReplicaFirst<T>(ask: Ask<T>): Promise<RoutedAnswer<T>> {
    const startedMs = performance.now();
    const elapsedMs = () => performance.now() - startedMs;
    let serverWaits = false;
    for (let behind = 0; ; behind += 1) {
      const step = nextStep({ behind, elapsedMs: elapsedMs() }, this.limits);
      if (step.kind === 'wait' && !serverWaits) await sleep(step.ms);
      if (step.kind === 'leader') {
        const answered = await this.fromLeaderOnce(ask, step.isLastChance);
        if (answered !== undefined) {
          return { answered, reason: 'behind', forwarded: 'behind', delayedMs: elapsedMs() };
        }
        await sleep(leaderRetryMs);
      }
      const waitMs: number | undefined =
        step.kind === 'wait' && serverWaits ? this.limits.waitBudgetMs - elapsedMs() : undefined;
      const attempt: Attempt<T> = await this.retrying(this.limits.deadlineMs, (failures) =>
        isLeadersTurn(failures) ? this.admission.inTurn(() => ask('leader')) : ask('replica', waitMs),
      );
      if (attempt.kind === 'answered') {
        const delayedMs = behind > 0 ? elapsedMs() : undefined;
        return { answered: attempt, ...reasonOf(step.kind, attempt), delayedMs };
      }
      serverWaits = attempt.canWait;
      this.retried('behind');
    }
  }

  /** Asks the leader until it answers and holds the positions, for `waitMs` at most. */
  private fromLeader<T>(ask: Ask<T>, waitMs: number): Promise<Answered<T>> {
    return this.retrying(waitMs, async () => {
      const attempt = await ask('leader');
      if (attempt.kind === 'behind') throw behindEverywhere();
      return attempt;
    });
  }

  /**
   * Undefined when the leader cannot be reached now and there is time left: a replica may catch up meanwhile.
   *
   * @throws PostgresHaError `replicas_behind` when there is no time left, or the leader is busy: it answered other reads while
   * this one waited for its turn
   */
  private async fromLeaderOnce<T>(ask: Ask<T>, isLastChance: boolean): Promise<Answered<T> | undefined> {
    const askedMs = performance.now();
    try {
      const attempt = await this.admission.inTurn(() => ask('leader'));
      this.leaderAnsweredMs = performance.now();
      if (attempt.kind === 'answered') return attempt;
    } catch (error) {
      const isBusy = error instanceof PostgresHaError && this.leaderAnsweredMs > askedMs;
      if (isLastChance || isBusy || !isWorthRetrying(error)) throw error;
    }
    if (isLastChance) throw behindEverywhere();
    return undefined;
  }

  private async retrying<T>(waitMs: number, attempt: (failures: number) => Promise<T>): Promise<T> {
    const deadlineMs = performance.now() + waitMs;
    for (let failures = 0; ; failures += 1) {
      try {
        return await attempt(failures);
      } catch (error) {
        const delayMs = backoffMs(failures, retryBackoff);
        if (!isWorthRetrying(error) || performance.now() + delayMs > deadlineMs) throw error;
        this.retried(codeOf(error));
        await sleep(delayMs);
      }
    }
  }
}

function behindEverywhere(): PostgresHaError {
  return unavailable('replicas_behind', 'Try again.', { retryAfterSeconds: 1 });
}
