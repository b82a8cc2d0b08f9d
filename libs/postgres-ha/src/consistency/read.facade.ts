import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { E_TIMEOUT, Semaphore, withTimeout, type SemaphoreInterface } from 'async-mutex';
import type { QueryResultRow } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { backoffMs } from '../database/backoff.js';
import { classifyFailure, codeOf } from '../database/failure.table.js';
import { unavailableWhenAway } from '../database/unavailable.js';
import type { DataMetrics } from '../options/data.metrics.js';
import { RateLimitedLog } from '../observability/rate-limited.log.js';
import {
  POSTGRES_HA_OPTIONS,
  type ConsistencyOptions,
  type PostgresHaOptions,
  type TransactionOptions,
} from '../options/postgres-ha.options.js';
import { PostgresHaError, unavailable } from '../errors/postgres-ha.error.js';
import { claimsAfterReading, TokenCodec, type Claims } from './consistency.token.js';
import { LeaderSampler } from './leader.sampler.js';
import { LostWriteError } from './lost-write.error.js';
import { NodeReader, type Attempt, type Guard, type Reading } from './node.reader.js';
import type { Statement } from './node.position.js';
import { unclaimed } from './position.js';
import type { ReadConsistency } from './read-consistency.header.js';
import { nextStep } from './read.routing.js';
import { RequestContext } from './request.context.js';
import type { ForwardReason, Served } from './served.js';

/** What a read returned and who answered it. */
export interface ReadResult<T> {
  readonly value: T;
  readonly served: Served;
}

/** How fresh a read has to be; by default what the request's headers say. */
export interface ReadOptions {
  readonly consistency: ReadConsistency;
  readonly claims: Claims | undefined;
}

const leaderRetryMs = 50;

type Answered<T> = Extract<Attempt<T>, { kind: 'answered' }>;

/** The only door to reading: it chooses the node, proves that it will do, and records who answered. */
@Injectable()
export class ReadFacade {
  private readonly logger = new Logger(ReadFacade.name);
  private readonly detours = new RateLimitedLog((line) => this.logger.warn(line));
  private readonly metrics: DataMetrics;
  private readonly limits: ConsistencyOptions;
  /** Of what waits for the leader, reads and writes alike. */
  private readonly leaderLimits: TransactionOptions;
  private readonly leaderTurns: SemaphoreInterface;
  private onLeaderNow = 0;
  private leaderAnsweredMs = Number.NEGATIVE_INFINITY;

  constructor(
    @InjectDataSource('write') private readonly leader: DataSource,
    @InjectDataSource('read') private readonly replicas: DataSource,
    private readonly context: RequestContext,
    private readonly reader: NodeReader,
    private readonly sampler: LeaderSampler,
    private readonly codec: TokenCodec,
    @Inject(POSTGRES_HA_OPTIONS) { metrics, consistency, transactions }: PostgresHaOptions,
  ) {
    this.metrics = metrics;
    this.limits = consistency;
    this.leaderLimits = transactions;
    this.leaderTurns = withTimeout(new Semaphore(consistency.leaderConcurrency), consistency.leaderQueueMs);
  }

  /**
   * Runs `work` on one connection, hence on one node, and returns what it returns. Without side effects, for it may run
   * again on another node.
   *
   * @throws PostgresHaError `acknowledged_write_lost`, `replicas_behind`, `database_unavailable`, `read_only`
   */
  run<T>(work: (manager: EntityManager) => Promise<T>, options?: ReadOptions): Promise<ReadResult<T>> {
    return this.read({ work: ({ manager }) => work(manager) }, options);
  }

  /**
   * Like {@link run}, for a single short statement: it shares a connection and a packet with others of its moment, which
   * a long one would hold up. A page of rows is for {@link run}.
   */
  query<Row extends QueryResultRow>(statement: Statement, options?: ReadOptions): Promise<ReadResult<Row[]>> {
    return this.read({ statement, of: (rows) => rows as Row[] }, options);
  }

  private async read<T>(reading: Reading<T>, options: ReadOptions = this.context): Promise<ReadResult<T>> {
    const { consistency, claims } = options;
    try {
      const { answered, reason, forwarded } = await this.route(reading, consistency, claims);
      const served = { ...answered.served, forwarded };
      this.metrics.reads.inc({ mode: consistency.mode, reason });
      if (forwarded !== undefined) this.fellBack(forwarded, served);
      const { systemId, seen, replayed } = answered;
      this.context.read(claimsAfterReading(consistency, claims, systemId, seen, served.role), served);
      this.context.proved({ systemId, seen, replayed, served });
      return { value: answered.value, served };
    } catch (error) {
      throw error instanceof LostWriteError ? this.lostWrite(error) : unavailableWhenAway(error);
    }
  }

  private route<T>(reading: Reading<T>, consistency: ReadConsistency, claims: Claims | undefined): Promise<Routed<T>> {
    const guard: Guard = {
      positions: [],
      claims,
      learn: consistency.mode !== 'eventual' || this.context.wantsProof,
      prove: this.context.wantsProof,
      pinnedMember: this.context.served?.member,
    };
    switch (consistency.mode) {
      case 'eventual':
        return this.onReplica(reading, guard);
      case 'strong':
        return this.onNextLeader(reading, guard, undefined);
      case 'session': {
        if (claims === undefined) return this.onReplica(reading, guard);
        const guarded = { ...guard, positions: claims.positions };
        if (claims.positions.some(({ leaderOnly }) => leaderOnly)) {
          return this.onNextLeader(reading, guarded, 'position-unknown');
        }
        return this.onFirstThatHolds(reading, guarded, consistency);
      }
      case 'bounded': {
        const required = this.sampler.requiredFor(consistency.maxStalenessMs);
        if (required === undefined) {
          const { deadlineMs } = this.limits;
          return this.inTurn(() => this.onLeader(reading, guard, 'staleness-unknown', deadlineMs));
        }
        return this.onFirstThatHolds(reading, { ...guard, positions: [unclaimed(required)] }, consistency);
      }
    }
  }

  private async onReplica<T>(reading: Reading<T>, guard: Guard): Promise<Routed<T>> {
    const answered = await this.persistently(this.replicas, reading, guard, this.limits.deadlineMs);
    return routed(answered, 'replica');
  }

  private async onLeader<T>(
    reading: Reading<T>,
    guard: Guard,
    forwarded: ForwardReason | undefined,
    waitMs: number,
  ): Promise<Routed<T>> {
    const answered = await this.persistently(this.leader, reading, guard, waitMs);
    return { answered, reason: forwarded ?? 'leader', forwarded };
  }

  /** No other node will do, so it waits for a leader as long as a write does, and as many at once as may write. */
  private async onNextLeader<T>(
    reading: Reading<T>,
    guard: Guard,
    forwarded: ForwardReason | undefined,
  ): Promise<Routed<T>> {
    const { deadlineMs, maxInFlight } = this.leaderLimits;
    const waitMs = this.onLeaderNow < maxInFlight ? deadlineMs : 0;
    this.onLeaderNow += 1;
    try {
      return await this.onLeader(reading, guard, forwarded, waitMs);
    } finally {
      this.onLeaderNow -= 1;
    }
  }

  /** A replica that holds the positions, else the leader; see {@link nextStep}. */
  private async onFirstThatHolds<T>(reading: Reading<T>, guard: Guard, { mode }: ReadConsistency): Promise<Routed<T>> {
    const startedMs = performance.now();
    const observeWait = () => this.metrics.readWaitSeconds.observe({ mode }, (performance.now() - startedMs) / 1_000);
    for (let behind = 0; ; behind += 1) {
      const elapsedMs = performance.now() - startedMs;
      const step = nextStep({ behind, elapsedMs, budgetMs: this.limits.waitBudgetMs });
      if (step.kind === 'wait') await sleep(step.ms);
      if (step.kind === 'leader') {
        const answered = await this.onLeaderOnce(reading, guard, elapsedMs);
        if (answered !== undefined) {
          observeWait();
          return { answered, reason: 'behind', forwarded: 'behind' };
        }
        await sleep(leaderRetryMs);
      }
      const attempt = await this.retrying(this.limits.deadlineMs, () =>
        this.reader.attempt(this.replicas, reading, guard),
      );
      if (attempt.kind === 'behind') this.metrics.readRetries.inc({ reason: 'behind' });
      else {
        if (behind > 0) observeWait();
        return routed(attempt, step.kind === 'wait' ? 'waited' : attempt.assurance);
      }
    }
  }

  /**
   * Undefined when the leader cannot be had just now and there is time left: a replica may have caught up meanwhile. But
   * one that answered others while this read waited for its turn is there, and busy.
   *
   * @throws PostgresHaError `replicas_behind` when it is busy, or there is no time left
   */
  private async onLeaderOnce<T>(
    reading: Reading<T>,
    guard: Guard,
    elapsedMs: number,
  ): Promise<Answered<T> | undefined> {
    const isLastChance = elapsedMs >= this.limits.deadlineMs;
    const askedMs = performance.now();
    try {
      const attempt = await this.inTurn(() => this.reader.attempt(this.leader, reading, guard));
      this.leaderAnsweredMs = performance.now();
      if (attempt.kind === 'answered') return attempt;
    } catch (error) {
      const isBusy = error instanceof PostgresHaError && this.leaderAnsweredMs > askedMs;
      if (isLastChance || isBusy || !isTransient(error)) throw error;
    }
    if (isLastChance) throw behindEverywhere();
    return undefined;
  }

  /** Asks until a node answers that holds the guard. */
  private persistently<T>(
    dataSource: DataSource,
    reading: Reading<T>,
    guard: Guard,
    waitMs: number,
  ): Promise<Answered<T>> {
    return this.retrying(waitMs, async () => {
      const outcome = await this.reader.attempt(dataSource, reading, guard);
      if (outcome.kind === 'behind') throw behindEverywhere();
      return outcome;
    });
  }

  /** A read has no side effects: whatever cut its connection, it can run again, on whichever node is left. */
  private async retrying<T>(waitMs: number, attempt: () => Promise<T>): Promise<T> {
    const deadlineMs = performance.now() + waitMs;
    for (let failures = 0; ; failures += 1) {
      try {
        return await attempt();
      } catch (error) {
        const delayMs = backoffMs(failures, { baseMs: 5, maxMs: 200 });
        if (!isTransient(error) || performance.now() + delayMs > deadlineMs) throw error;
        this.triesAgain(codeOf(error));
        await sleep(delayMs);
      }
    }
  }

  /** A node did not serve a read, which goes to another one. */
  private triesAgain(reason: string): void {
    this.metrics.readRetries.inc({ reason });
    this.detours.note(reason, { event: 'read_retried', reason });
  }

  /** The leader served a read that was meant for a replica. */
  private fellBack(reason: ForwardReason, { member }: Served): void {
    this.metrics.readFallbacks.inc({ reason });
    this.detours.note(reason, { event: 'read_fallback', reason, member });
  }

  /** Reads that fall back to the leader take turns, so that lagging replicas cannot stampede it. */
  private async inTurn<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await this.leaderTurns.runExclusive(read);
    } catch (error) {
      if (error !== E_TIMEOUT) throw error;
      this.metrics.readCapRejections.inc();
      throw unavailable('replicas_behind', 'The replicas are behind and the leader is busy with other such reads.', {
        retryAfterSeconds: 1,
      });
    }
  }

  private lostWrite(cause: LostWriteError): PostgresHaError {
    this.metrics.lostWrites.inc();
    this.logger.error({ event: 'acknowledged_write_lost', detail: cause.message });
    return new PostgresHaError('acknowledged_write_lost', {
      cause,
      detail: 'A failover has lost it for good. The Consistency-Token of this answer is a fresh start.',
      headers: { 'Consistency-Token': this.codec.encode(BigInt(cause.node.systemId), unclaimed(cause.anchor)) },
    });
  }
}

interface Routed<T> {
  readonly answered: Answered<T>;
  /** Label of `reads_total`. */
  readonly reason: string;
  readonly forwarded: ForwardReason | undefined;
}

/** Worth asking another node, or the same one a little later. A write on the read side is not. */
function isTransient(error: unknown): boolean {
  if (error instanceof PostgresHaError) return error.code === 'replicas_behind';
  const { fate, code } = classifyFailure(error);
  return fate !== 'surface' && code !== '25006';
}

function behindEverywhere(): PostgresHaError {
  return unavailable('replicas_behind', 'Try again.', { retryAfterSeconds: 1 });
}

/** HAProxy hands the read port to the leader when it finds no replica. */
function routed<T>(answered: Answered<T>, reason: string): Routed<T> {
  const forwarded = answered.served.role === 'leader' ? 'no-replica' : undefined;
  return { answered, reason: forwarded ?? reason, forwarded };
}
