import type { QueryResultRow } from 'pg';
import type { ClusterClient } from '../database/cluster.client.js';
import type { Pools } from '../database/pools.js';
import { unavailableWhenAway } from '../database/unavailable.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';
import { RateLimitedLog } from '../observability/rate-limited.log.js';
import type { DataMetrics } from '../options/data.metrics.js';
import type { Logger } from '../options/logger.js';
import type { ResolvedOptions } from '../options/resolved.options.js';
import { annotate, inSpan, mark } from '../tracing/spans.js';
import { claimsAfterReading, type Claims, type TokenCodec } from './consistency.token.js';
import { LeaderAdmission } from './leader.admission.js';
import type { LeaderSampler } from './leader.sampler.js';
import type { LineageService } from './lineage.service.js';
import { LostWriteError } from './lost-write.error.js';
import type { Statement } from './node.position.js';
import { NodeReader, type Guard, type Reading } from './node.reader.js';
import { unclaimed, type Position, type Replayed } from './position.js';
import type { ReadConsistency } from './read-consistency.header.js';
import { routeOf } from './read.routing.js';
import { RouteRunner } from './route.runner.js';
import type { ForwardReason, Served } from './served.js';

/** How fresh a read has to be, and what else its answer has to tell. */
export interface ReadRequest {
  readonly consistency: ReadConsistency;
  /** What the client has seen, by its tokens. */
  readonly claims: Claims | undefined;
  /** The answer has to prove how new its data is, so that a cache can keep it. */
  readonly prove?: boolean | undefined;
  /** The member that answered this client's last read is preferred, for two standbys may show commits in different order. */
  readonly pinnedMember?: string | undefined;
}

/** Which node answered a read, and between which positions in the log its data lies. */
export interface Proof {
  readonly systemId: bigint;
  /** The rows show nothing above this. */
  readonly seen: Position | undefined;
  /** The rows show everything up to here; undefined when that is not known. */
  readonly replayed: Replayed | undefined;
  readonly served: Served;
}

/** What a read returned and who answered it. */
export interface ReadOutcome<T> {
  readonly value: T;
  readonly served: Served;
  /** What the client has seen by now; undefined when this read did not ask for it. */
  readonly claims: Claims | undefined;
  readonly proof: Proof;
}

/** What reads stand on. */
export interface ReadingParts {
  readonly pools: Pick<Pools, 'read' | 'write'>;
  readonly lineage: LineageService;
  readonly sampler: LeaderSampler;
  readonly tokens: TokenCodec;
}

/** The only door to reading: it chooses the node and proves that it will do. */
export class Reads {
  private readonly detours: RateLimitedLog;
  private readonly metrics: DataMetrics;
  private readonly logger: Logger;
  private readonly runner: RouteRunner;
  private readonly reader: NodeReader;

  constructor(
    private readonly parts: ReadingParts,
    { consistency, transactions, metrics, logger }: ResolvedOptions,
  ) {
    this.metrics = metrics;
    this.logger = logger;
    this.detours = new RateLimitedLog((line) => logger.warn(line));
    this.reader = new NodeReader(parts.lineage);
    const admission = new LeaderAdmission(consistency, transactions, () => metrics.readCapRejections.inc());
    this.runner = new RouteRunner(consistency, admission, (reason) => this.retried(reason));
  }

  /**
   * Runs `work` on one connection, hence on one node, and returns what it returns. Without side effects, for it may run
   * again on another node.
   *
   * @throws PostgresHaError `acknowledged_write_lost`, `replicas_behind`, `database_unavailable`, `read_only`
   */
  run<T>(work: (client: ClusterClient) => Promise<T>, request: ReadRequest): Promise<ReadOutcome<T>> {
    return this.read({ work }, request);
  }

  /**
   * Like {@link run}, for a single short statement: it shares a connection and a packet with others of its moment, which
   * a long one would hold up. A page of rows is for {@link run}.
   */
  query<Row extends QueryResultRow>(statement: Statement, request: ReadRequest): Promise<ReadOutcome<Row[]>> {
    return this.read({ statement, of: (rows) => rows as Row[] }, request);
  }

  private read<T>(reading: Reading<T>, request: ReadRequest): Promise<ReadOutcome<T>> {
    const attributes = { 'pgha.consistency': request.consistency.mode };
    return inSpan('read', () => this.readAlongRoute(reading, request), attributes);
  }

  private async readAlongRoute<T>(
    reading: Reading<T>,
    { consistency, claims, prove = false, pinnedMember }: ReadRequest,
  ): Promise<ReadOutcome<T>> {
    const { mode } = consistency;
    const { pools, sampler } = this.parts;
    const route = routeOf(consistency, claims, (maxStalenessMs) => sampler.requiredFor(maxStalenessMs));
    const guard: Guard = {
      positions: route.positions,
      claims,
      learn: mode !== 'eventual' || prove,
      prove,
      pinnedMember,
    };
    try {
      const { answered, reason, forwarded, delayedMs } = await this.runner.run(route, (node, waitMs) =>
        this.reader.attempt(node === 'leader' ? pools.write : pools.read, reading, { ...guard, waitMs }),
      );
      const served = { ...answered.served, forwarded };
      this.metrics.reads.inc({ mode, reason });
      const { member, role } = served;
      annotate({ 'pgha.member': member, 'pgha.role': role, 'pgha.reason': reason, 'pgha.waited_ms': delayedMs });
      if (delayedMs !== undefined) this.metrics.readWaitSeconds.observe({ mode }, delayedMs / 1_000);
      if (forwarded !== undefined) this.fellBack(forwarded, served);
      const { systemId, seen, replayed } = answered;
      return {
        value: answered.value,
        served,
        claims: claimsAfterReading(consistency, claims, systemId, seen, served.role),
        proof: { systemId, seen, replayed, served },
      };
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
    const { tokens } = this.parts;
    return new PostgresHaError('acknowledged_write_lost', {
      cause,
      detail: 'A failover has lost it for good. The Consistency-Token of this answer is a fresh start.',
      headers: { 'Consistency-Token': tokens.encode(BigInt(cause.node.systemId), unclaimed(cause.anchor)) },
    });
  }
}
