import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { QueryResultRow } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { unavailableWhenAway } from '../database/unavailable.js';
import type { DataMetrics } from '../options/data.metrics.js';
import { RateLimitedLog } from '../observability/rate-limited.log.js';
import { POSTGRES_HA_OPTIONS, type PostgresHaOptions } from '../options/postgres-ha.options.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';
import { annotate, inSpan, mark } from '../tracing/spans.js';
import { claimsAfterReading, TokenCodec, type Claims } from './consistency.token.js';
import { LeaderAdmission } from './leader.admission.js';
import { LeaderSampler } from './leader.sampler.js';
import { LostWriteError } from './lost-write.error.js';
import { NodeReader, type Guard, type Reading } from './node.reader.js';
import type { Statement } from './node.position.js';
import { unclaimed } from './position.js';
import type { ReadConsistency } from './read-consistency.header.js';
import { routeOf } from './read.routing.js';
import { RequestContext } from './request.context.js';
import { RouteRunner } from './route.runner.js';
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

/** The only door to reading: it chooses the node, proves that it will do, and records who answered. */
@Injectable()
export class ReadFacade {
  private readonly logger = new Logger(ReadFacade.name);
  private readonly detours = new RateLimitedLog((line) => this.logger.warn(line));
  private readonly metrics: DataMetrics;
  private readonly runner: RouteRunner;

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
    const admission = new LeaderAdmission(consistency, transactions, () => metrics.readCapRejections.inc());
    this.runner = new RouteRunner(consistency, admission, (reason) => this.retried(reason));
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

  private read<T>(reading: Reading<T>, { consistency, claims }: ReadOptions = this.context): Promise<ReadResult<T>> {
    const attributes = { 'pgha.consistency': consistency.mode };
    return inSpan('read', () => this.readAlongRoute(reading, { consistency, claims }), attributes);
  }

  private async readAlongRoute<T>(reading: Reading<T>, { consistency, claims }: ReadOptions): Promise<ReadResult<T>> {
    const { mode } = consistency;
    const route = routeOf(consistency, claims, (maxStalenessMs) => this.sampler.requiredFor(maxStalenessMs));
    const guard: Guard = {
      positions: route.positions,
      claims,
      learn: mode !== 'eventual' || this.context.wantsProof,
      prove: this.context.wantsProof,
      pinnedMember: this.context.served?.member,
    };
    try {
      const { answered, reason, forwarded, delayedMs } = await this.runner.run(route, (node) =>
        this.reader.attempt(node === 'leader' ? this.leader : this.replicas, reading, guard),
      );
      const served = { ...answered.served, forwarded };
      this.metrics.reads.inc({ mode, reason });
      const { member, role } = served;
      annotate({ 'pgha.member': member, 'pgha.role': role, 'pgha.reason': reason, 'pgha.waited_ms': delayedMs });
      if (delayedMs !== undefined) this.metrics.readWaitSeconds.observe({ mode }, delayedMs / 1_000);
      if (forwarded !== undefined) this.fellBack(forwarded, served);
      const { systemId, seen, replayed } = answered;
      this.context.read(claimsAfterReading(consistency, claims, systemId, seen, served.role), served);
      this.context.proved({ systemId, seen, replayed, served });
      return { value: answered.value, served };
    } catch (error) {
      throw error instanceof LostWriteError ? this.lostWrite(error) : unavailableWhenAway(error);
    }
  }

  /** An attempt is followed by another. A replica that is behind is an everyday matter: it is counted, and not logged. */
  private retried(reason: string): void {
    this.metrics.readRetries.inc({ reason });
    mark('retry', { 'pgha.reason': reason });
    if (reason !== 'behind') this.detours.note(reason, { event: 'read_retried', reason });
  }

  /** The leader served a read that was meant for a replica. */
  private fellBack(reason: ForwardReason, { member }: Served): void {
    this.metrics.readFallbacks.inc({ reason });
    mark('fallback', { 'pgha.reason': reason, 'pgha.member': member });
    this.detours.note(reason, { event: 'read_fallback', reason, member });
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
