import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../database/backoff.js';
import { withClient } from '../database/connection.checkout.js';
import { classifyFailure } from '../database/failure.table.js';
import type { Pools } from '../database/pools.js';
import { unavailableWhenAway } from '../database/unavailable.js';
import { PostgresHaError, unavailable } from '../errors/postgres-ha.error.js';
import type { DataMetrics } from '../options/data.metrics.js';
import { RateLimitedLog } from '../observability/rate-limited.log.js';
import type { Logger } from '../options/logger.js';
import type { ResolvedOptions, ResolvedTransactions } from '../options/resolved.options.js';
import type { Answer } from './answer.js';
import { LeaderGate } from './leader.gate.js';
import { LockQueue } from './lock.queue.js';
import type { Refusals } from '../options/refusals.js';
import { annotate, beginSpan, inSpan, mark, type Span } from '../tracing/spans.js';
import { AttemptError, WriteAttempt, type AttemptGuard, type Committed, type UnitOfWork } from './write.attempt.js';
import {
  answersOutcome,
  decide,
  keyLocked,
  lockAwaited,
  metLock,
  resolutionOf,
  whyNotWritten,
  type WriteOutcome,
} from './write.decision.js';

/** Short, so that writes go on when the leader is there. Without one, HAProxy refuses the probe at once, so it costs the cluster nothing. */
const gateBackoff = { baseMs: 25, maxMs: 50 };
const retryBackoff = { baseMs: 10, maxMs: 500 };
const retryAfterSeconds = 5;

/** How long a write waits for a lock once it has its place in the lock queue. */
const patientLockTimeoutMs = 1_000;
/** The share of the pool's connections that may wait for locks in this way. */
const lockWaitersPerConnection = 1 / 4;
/** How long a request waits for another one with the same key before it is refused with `idempotency_key_in_flight`. */
const keyPatienceMs = 4_000;

/** State of one unit of work, over all its attempts. */
interface UnitState {
  readonly startedMs: number;
  readonly deadlineMs: number;
  /** See {@link UnitOfWork}. */
  readonly resource: string | undefined;
  /** Codes of the attempts that failed. */
  readonly reasons: string[];
  /** An attempt may have been committed: its COMMIT was not answered. */
  isOutcomeUnknown: boolean;
  /** Lasts from the first COMMIT that was not answered until it is known what became of it. */
  doubt?: Span;
  /** The unit found the gate closed. */
  hasWaited: boolean;
  /** COMMIT has been sent and not been answered yet. */
  isCommitting: boolean;
  /** The client has been answered, so no COMMIT may be sent any more. */
  isOver: boolean;
}

/**
 * The only door to writing: runs a unit of work in a transaction on the leader, exactly once, through whatever failovers
 * happen meanwhile.
 */
export class Writes {
  private readonly holding: RateLimitedLog;
  private readonly metrics: DataMetrics;
  private readonly refusals: Refusals;
  private readonly logger: Logger;
  private readonly limits: ResolvedTransactions;
  private readonly attempt: WriteAttempt;
  private readonly gate: LeaderGate;
  private readonly lockQueue: LockQueue;
  private inFlight = 0;

  constructor(
    pools: Pick<Pools, 'write' | 'watch'>,
    { database, transactions, metrics, refusals, logger }: ResolvedOptions,
  ) {
    this.metrics = metrics;
    this.refusals = refusals;
    this.logger = logger;
    this.limits = transactions;
    this.holding = new RateLimitedLog((line) => logger.warn(line), 1_000);
    this.attempt = new WriteAttempt(pools.write, transactions.keysSchema);
    this.lockQueue = new LockQueue(Math.ceil(database.write.poolSize * lockWaitersPerConnection));
    this.gate = new LeaderGate({
      ...gateBackoff,
      probe: () => withClient(pools.watch, (client) => client.query('SELECT 1')).catch(unlessWaitingHelps),
      opened: (heldMs) => this.resumed(heldMs),
    });
  }

  /**
   * Runs the unit's work until it is committed once, or was committed before under its key. The work may run several times, and all but
   * one of its runs are rolled back: it has no effect except through the client it is given.
   *
   * @throws PostgresHaError `write_queue_full` at once; after `transactions.deadlineMs`, when nothing was committed,
   * `database_unavailable`, `row_locked` or `database_busy`; `write_outcome_unknown` when that is not known, at the deadline or
   * earlier where trying again is refused;
   * `idempotency_key_in_flight`, `idempotency_key_reused`; and what the work throws
   */
  run<A extends Answer>(unit: UnitOfWork<A>): Promise<Committed<A>> {
    return inSpan('write', () => this.write(unit));
  }

  private async write<A extends Answer>(unit: UnitOfWork<A>): Promise<Committed<A>> {
    if (this.inFlight >= this.limits.maxInFlight) {
      this.ended('rejected');
      throw unavailable('write_queue_full', 'Nothing was written.', { retryAfterSeconds });
    }
    const startedMs = performance.now();
    const deadlineMs = startedMs + this.limits.deadlineMs;
    const state: UnitState = {
      startedMs,
      deadlineMs,
      resource: unit.resource,
      reasons: [],
      isOutcomeUnknown: false,
      hasWaited: false,
      isCommitting: false,
      isOver: false,
    };
    try {
      const committed = await this.withinDeadline(this.count(this.persist(unit, state)), state);
      this.ended(committed.isReplay ? 'replayed' : 'committed', state.doubt);
      return committed;
    } catch (error) {
      this.ended(error instanceof PostgresHaError ? outcomeOf(error) : 'refused', state.doubt);
      throw error;
    } finally {
      this.report(state);
    }
  }

  /** To be called when no request waits for the leader any more. */
  shutDown(): void {
    this.gate.shutDown();
  }

  private async persist<A extends Answer>(unit: UnitOfWork<A>, state: UnitState): Promise<Committed<A>> {
    for (;;) {
      if (!this.gate.isOpen) {
        state.hasWaited = true;
        await inSpan('hold', () => this.gate.waitUntilOpen(state.deadlineMs));
      }
      try {
        return await (metLock(state.reasons.at(-1)) || this.lockQueue.isAwaited(unit.resource)
          ? this.lockQueue.run(unit.resource, () => this.tryOnce(unit, state, patientLockTimeoutMs))
          : this.tryOnce(unit, state));
      } catch (error) {
        state.isCommitting = false;
        await this.recover(unit, state, error);
      }
      if (performance.now() >= state.deadlineMs) throw this.gaveUp(state);
    }
  }

  private tryOnce<A extends Answer>(
    unit: UnitOfWork<A>,
    state: UnitState,
    lockTimeoutMs?: number,
  ): Promise<Committed<A>> {
    const mayBeStored = !unit.key.isServerMade || state.reasons.length > 0;
    const mayGoOn = () => {
      if (state.isOver) throw this.gaveUp(state);
    };
    const guard: AttemptGuard = {
      mayBegin: () => {
        mayGoOn();
        const isInTurn = lockTimeoutMs !== undefined;
        if (isInTurn || !this.lockQueue.isAwaited(unit.resource)) return;
        throw new AttemptError({ code: lockAwaited, outcome: 'not-committed', destroyConnection: false }, undefined);
      },
      mayCommit: () => {
        mayGoOn();
        state.isCommitting = true;
      },
    };
    annotate({ 'pgha.attempts': state.reasons.length + 1 });
    return inSpan('attempt', () => this.attempt.run(unit, { mayBeStored, lockTimeoutMs }, guard));
  }

  /** Prepares the next attempt, or throws the error for the caller. */
  private async recover(unit: UnitOfWork<Answer>, state: UnitState, failed: unknown): Promise<void> {
    const { failure, cause } = failed as AttemptError;
    const decision = decide(failure);
    if (decision === 'surface') {
      const error = this.refusals.explain(cause);
      const refusal = this.refusals.store(error);
      if (state.isOutcomeUnknown && !answersOutcome(cause, refusal !== undefined)) throw outcomeUnknown(cause);
      // A stored refusal answers the client's repetition the same way. If storing fails, the repetition is judged anew.
      if (refusal !== undefined && !unit.key.isServerMade)
        await this.attempt.remember(unit, refusal).catch(() => undefined);
      throw unavailableWhenAway(error);
    }
    // After any other failure the lock may belong to an earlier attempt of this unit: the server has not yet noticed its cut connection.
    const isOthers = failure.code === keyLocked && state.reasons.every((reason) => reason === keyLocked);
    if (isOthers && performance.now() - state.startedMs >= keyPatienceMs) {
      throw new PostgresHaError('idempotency_key_in_flight', { cause });
    }
    if (failure.outcome === 'unknown') {
      state.isOutcomeUnknown = true;
      state.doubt ??= beginSpan('commit resolution', { 'pgha.reason': failure.code });
    }
    state.reasons.push(failure.code);
    this.metrics.writeRetries.inc({ reason: failure.code });
    mark('retry', { 'pgha.reason': failure.code });
    if (decision === 'wait-for-leader') this.hold(failure.code);
    else await sleep(backoffMs(state.reasons.length - 1, retryBackoff));
  }

  /** @param doubt ends here: how the unit ended tells what became of the COMMIT that was not answered */
  private ended(outcome: WriteOutcome, doubt?: Span): void {
    this.metrics.writes.inc({ outcome });
    annotate({ 'pgha.outcome': outcome });
    doubt?.setAttribute('pgha.resolution', resolutionOf(outcome)).end();
  }

  private hold(reason: string): void {
    if (!this.gate.isOpen) return;
    this.metrics.writesHeld.set(1);
    this.holding.note('held', { event: 'writes_held', reason });
    this.gate.close();
  }

  private resumed(heldMs: number): void {
    this.metrics.writesHeld.set(0);
    this.holding.note('resumed', { event: 'writes_resumed', heldMs: Math.round(heldMs) });
  }

  /**
   * COMMIT itself is never cut short: after the deadline it goes on, and the client is told that the outcome is unknown. An attempt
   * that has not sent COMMIT by then sends none, so that nothing is written after the client was told that nothing was.
   */
  private async withinDeadline<T>(work: Promise<T>, state: UnitState): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        state.isOver = true;
        state.isOutcomeUnknown ||= state.isCommitting;
        reject(this.gaveUp(state));
      }, state.deadlineMs - performance.now());
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      clearTimeout(timer);
      work.catch(() => undefined);
    }
  }

  private gaveUp({ isOutcomeUnknown, reasons, resource }: UnitState): PostgresHaError {
    if (isOutcomeUnknown) return outcomeUnknown();
    const { code, detail } = whyNotWritten(reasons, {
      isLeaderThere: this.gate.isOpen,
      isLockAwaited: this.lockQueue.isAwaited(resource),
    });
    return unavailable(code, detail, { retryAfterSeconds });
  }

  private async count<T>(work: Promise<T>): Promise<T> {
    this.metrics.writesInFlight.set((this.inFlight += 1));
    try {
      return await work;
    } finally {
      this.metrics.writesInFlight.set((this.inFlight -= 1));
    }
  }

  /** Logs one line for a unit that needed more than one attempt. */
  private report({ reasons, startedMs, hasWaited }: UnitState): void {
    if (reasons.length === 0 && !hasWaited) return;
    const heldMs = Math.round(performance.now() - startedMs);
    this.metrics.writeHeldSeconds.observe(heldMs / 1_000);
    if (reasons.length === 0) return;
    this.logger.warn({ event: 'write_retried', attempts: reasons.length + 1, reasons: [...new Set(reasons)], heldMs });
  }
}

/** The gate opens for errors that waiting does not end: each write then meets the error and reports it. */
function unlessWaitingHelps(error: unknown): void {
  if (decide(classifyFailure(error)) !== 'surface') throw error;
}

function outcomeUnknown(cause?: unknown): PostgresHaError {
  return unavailable('write_outcome_unknown', 'Repeat it with the same Idempotency-Key.', { cause, retryAfterSeconds });
}

function outcomeOf({ code, status }: PostgresHaError): WriteOutcome {
  if (code === 'write_outcome_unknown') return 'unknown';
  return status >= 500 ? 'unavailable' : 'refused';
}
