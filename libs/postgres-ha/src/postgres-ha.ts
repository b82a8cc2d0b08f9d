import type { QueryResultRow } from 'pg';
import { readClaims, TokenCodec, writeClaims, type Claims } from './consistency/consistency.token.js';
import { LeaderSampler } from './consistency/leader.sampler.js';
import { LineageService } from './consistency/lineage.service.js';
import type { Statement } from './consistency/node.position.js';
import { postgresTimelines } from './consistency/postgres.timelines.js';
import type { ReadConsistency } from './consistency/read-consistency.header.js';
import { Reads, type ReadOutcome, type ReadRequest } from './consistency/reads.js';
import type { Served } from './consistency/served.js';
import type { ClusterClient } from './database/cluster.client.js';
import { withClient } from './database/connection.checkout.js';
import { DatabaseLifecycle } from './database/database.lifecycle.js';
import { formatLsn } from './database/lsn.js';
import { MemberConnections } from './database/member.connections.js';
import type { Isolation } from './database/pipeline.js';
import { createPools, type Pools } from './database/pools.js';
import type { PostgresHaOptions } from './options/postgres-ha.options.js';
import { resolveOptions, type ResolvedOptions } from './options/resolved.options.js';
import { ok, type Answer } from './transactions/answer.js';
import { onceKey, type OnceKey } from './transactions/idempotency.key.js';
import { IdempotencyPruner } from './transactions/idempotency.pruner.js';
import type { CommitWatcher } from './transactions/write.attempt.js';
import { Writes } from './transactions/writes.js';

/** How a read is to be answered. */
export interface ReadOptions {
  /** @default `session`: what the token names */
  readonly consistency?: ReadConsistency | undefined;
  /** The token that the client was given last; several with commas between count together. */
  readonly token?: string | undefined;
}

/** The answer of a read. */
export interface ReadResult<T> {
  readonly value: T;
  /** The node that answered, and why it was the leader where a replica was wanted. */
  readonly served: Served;
  /** The token for the client's next read or write; undefined when it has none yet and this read gave none. */
  readonly token: string | undefined;
}

/** How a write is to be done. */
export interface WriteOptions {
  /**
   * The name of the write. A write with the same name happened before if it was committed, and its result is returned.
   *
   * @default one made here, which protects the retries of this call only
   */
  readonly key?: string | OnceKey | undefined;
  /** The token that the client was given last. */
  readonly token?: string | undefined;
  /** What is written, if it is one thing: writes of the same thing then do not take several connections to wait for its lock. */
  readonly resource?: string | undefined;
  /** Is told about the commit, for example to invalidate a cache. */
  readonly watcher?: CommitWatcher | undefined;
  /** @default as the session has it: `read committed` */
  readonly isolation?: Isolation | undefined;
}

/** The result of a committed write. */
export interface WriteResult<T> {
  /** What `work` returned. When the write was committed before, it comes as JSON gives it back: a Date is a text then. */
  readonly value: T;
  /** It was committed before this call, under the same key. */
  readonly isReplay: boolean;
  /** The leader that committed it. */
  readonly served: Served;
  /** The token with which the client's next read shows this write. */
  readonly token: string;
  /** Position of the log that contains the commit. */
  readonly lsn: string;
}

/**
 * Reads that never show less than the client has seen, and writes that happen exactly once, on a PostgreSQL cluster that fails over.
 *
 * Opens no connection before {@link start} or the first use. {@link stop} ends all of them.
 */
export class PostgresHa {
  /** What was given, and the defaults for the rest. */
  readonly options: ResolvedOptions;
  /** The connections, for looking at the cluster. Work that is to be retried goes through {@link read} and {@link write}. */
  readonly pools: Pools;
  /** Signs and reads consistency tokens. */
  readonly tokens: TokenCodec;
  /** Knows where each past timeline ended. */
  readonly lineage: LineageService;
  /** Knows where the leader's log lately ended. */
  readonly sampler: LeaderSampler;
  /** Asks one member, whatever its role. */
  readonly members: MemberConnections;
  /** Deletes expired idempotency keys. */
  readonly pruner: IdempotencyPruner;
  /** Whether all has been reached that is needed to serve. */
  readonly lifecycle: DatabaseLifecycle;
  /** Reading with claims instead of tokens, for a layer on top. */
  readonly reads: Reads;
  /** Writing answers under their keys, for a layer on top. */
  readonly writes: Writes;
  private readonly migrate: (() => Promise<unknown>) | undefined;
  private stopped: Promise<void> | undefined;

  /** @throws RangeError for a token secret that cannot be used, or without a host */
  constructor(options: PostgresHaOptions) {
    const resolved = resolveOptions(options);
    const { database, consistency, transactions, logger } = resolved;
    this.options = resolved;
    this.migrate = options.migrate;
    this.tokens = new TokenCodec(consistency.tokenSecrets, consistency.tokenLifetimeSeconds);
    this.pools = createPools(database, logger);
    this.lineage = new LineageService(options.timelines ?? postgresTimelines(this.pools));
    this.sampler = new LeaderSampler(this.pools.write, consistency.sampleIntervalMs);
    this.members = new MemberConnections(this.pools, database);
    this.pruner = new IdempotencyPruner(this.pools.write, transactions.keysSchema, logger);
    this.lifecycle = new DatabaseLifecycle(logger, database.drainMs);
    this.reads = new Reads(this, resolved);
    this.writes = new Writes(this.pools, resolved);
  }

  /** True once the schema is current and leader and replicas were reached; it stays true when they go away, and false from `drain` or `stop` on. */
  get isReady(): boolean {
    return this.lifecycle.isReady;
  }

  /** Connects in the background, for as long as it takes, and begins to sample the leader and to prune keys. Returns at once. */
  start(): this {
    const { lifecycle, migrate, pools } = this;
    if (migrate !== undefined) lifecycle.reach('schema', migrate);
    for (const name of ['write', 'read', 'watch'] as const) {
      lifecycle.reach(name, () => withClient(pools[name], () => Promise.resolve()));
    }
    this.sampler.start();
    this.pruner.start();
    return this;
  }

  /**
   * Runs `work` on one connection to a node that has what the client has seen: a replica, else the leader. Without side effects, for it
   * may run again on another node.
   *
   * @throws PostgresHaError `acknowledged_write_lost`, `replicas_behind`, `database_unavailable`, `read_only`, `consistency_token_…`; and
   * what `work` throws
   */
  async read<T>(work: (client: ClusterClient) => Promise<T>, options: ReadOptions = {}): Promise<ReadResult<T>> {
    return this.readBy(options, (request) => this.reads.run(work, request));
  }

  /**
   * {@link read} for a single short statement: it shares a connection and a packet with others of its moment, which a long one would
   * hold up.
   */
  async query<Row extends QueryResultRow>(statement: Statement, options: ReadOptions = {}): Promise<ReadResult<Row[]>> {
    return this.readBy(options, (request) => this.reads.query<Row>(statement, request));
  }

  /**
   * Runs `work` in a transaction on the leader until it is committed once, or was committed before under the same key. It may run several
   * times, and all but one of its runs are rolled back: it has no effect except through the client it is given, and neither commits nor
   * rolls back. What it returns is stored as JSON.
   *
   * @throws PostgresHaError see `Writes.run`, `idempotency_key_malformed`, `consistency_token_…`; and what `work` throws
   */
  async write<T>(
    work: (client: ClusterClient, served: Served) => Promise<T>,
    { key, token, resource, watcher, isolation }: WriteOptions = {},
  ): Promise<WriteResult<T>> {
    const claims = this.claimsIn(token);
    const unit = async (client: ClusterClient, at: Served): Promise<Answer> => ok(await work(client, at));
    const committed = await this.writes.run({ work: unit, key: onceKey(key), claims, resource, watcher, isolation });
    const { answer, isReplay, served, systemId, position } = committed;
    if (answer.status >= 400) throw this.options.refusals.restore(answer);
    const seen = this.lineage.claimsAfterWriting(claims, systemId, position);
    return {
      value: answer.body as T,
      isReplay,
      served,
      token: writeClaims(seen, this.tokens),
      lsn: formatLsn(position.ceiling),
    };
  }

  /** {@link isReady} becomes false, and the process goes on serving for `drainMs`, in which a load balancer notices that. */
  async drain(): Promise<void> {
    await this.lifecycle.drain();
  }

  /** Ends all connections, when the work that uses them has ended. Writes that wait for a leader meet their error now. */
  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    this.lifecycle.stop();
    this.sampler.stop();
    this.pruner.stop();
    this.writes.shutDown();
    await Promise.all(Object.values(this.pools).map((pool) => pool.end()));
  }

  private async readBy<T>(
    { consistency = { mode: 'session' }, token }: ReadOptions,
    read: (request: ReadRequest) => Promise<ReadOutcome<T>>,
  ): Promise<ReadResult<T>> {
    const { value, served, claims } = await read({ consistency, claims: this.claimsIn(token) });
    return { value, served, token: claims === undefined ? token : writeClaims(claims, this.tokens) };
  }

  private claimsIn(token: string | undefined): Claims | undefined {
    return token === undefined ? undefined : readClaims(token, this.tokens);
  }
}

/** Makes a {@link PostgresHa}. */
export function createPostgresHa(options: PostgresHaOptions): PostgresHa {
  return new PostgresHa(options);
}
