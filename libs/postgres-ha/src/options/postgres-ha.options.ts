import type { DataMetrics } from './data.metrics.js';
import type { Logger } from './logger.js';
import type { Refusals } from './refusals.js';
import type { TimelineHistory } from './timeline.history.js';

/** Where something listens for PostgreSQL's protocol. A name is resolved again for every connection. */
export interface Address {
  readonly host: string;
  /** @default 5432 */
  readonly port?: number | undefined;
}

/** How many connections to the leader this process holds. */
export interface WritePool {
  /** @default 16 */
  readonly poolSize?: number | undefined;
}

/** How many connections for reads this process holds. */
export interface ReadPool {
  /** @default 16 */
  readonly poolSize?: number | undefined;
  /**
   * Read connections are replaced at this age, so that reads return to a replica that came back.
   *
   * @default 30
   */
  readonly maxAgeSeconds?: number | undefined;
}

/**
 * A proxy, a load balancer or an operator's services: one address that leads to the leader, and one that leads to the replicas, or to the
 * leader while there is none. A connection that `write` led to a replica is refused.
 */
export interface ProxyEndpoints {
  readonly write: Address & WritePool;
  readonly read: Address & ReadPool;
  readonly hosts?: undefined;
}

/**
 * The servers themselves. Each connection tells at its start whether its server is in recovery: writes go to the one that is not, and when
 * two are not, to the one on the higher timeline; reads are spread over those that are, and go to the leader while there is none.
 */
export interface HostEndpoints {
  /** Every server of the cluster, whatever its role is now. */
  readonly hosts: readonly Address[];
  readonly write?: WritePool | undefined;
  readonly read?: ReadPool | undefined;
}

/** What encrypts a connection and proves who is at its ends. PEM texts, not paths. */
export interface DatabaseTls {
  /** Certificates of the authorities that may have signed the server's. No other is trusted, the system's neither. */
  readonly ca: string;
  /** Shows the server who connects, for servers that ask for it. */
  readonly client?: { readonly certificate: string; readonly key: string } | undefined;
}

/** How PostgreSQL is reached, whatever leads to it. */
export interface ConnectionOptions {
  /**
   * Prefix of `application_name`: the sessions are called `NAME-write`, `NAME-read`, `NAME-watch` and `NAME-member`.
   *
   * @default 'postgres-ha'
   */
  readonly applicationName?: string | undefined;
  readonly database: string;
  /** A login with rights on data only. */
  readonly username: string;
  readonly password: string;
  /**
   * Every connection is encrypted, and the server's certificate must name the host that was connected to, as with libpq's `verify-full`.
   * Behind a proxy that only forwards TCP, each member's certificate has to name the proxy as well. A connection that fails this is
   * refused; none goes on in plain text.
   * @default connections are plain text
   */
  readonly ssl?: DatabaseTls | undefined;
  /**
   * Schema of the functions with which a node says who and where it is (README.md, "What the database needs").
   *
   * @default 'postgres_ha'
   */
  readonly functionsSchema?: string | undefined;
  /**
   * Bound of a connect, and of waiting for a pooled connection.
   *
   * @default 2 000
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * How many connections each pool may open at the same time, and only while requests wait longer than a connect takes.
   * 0: one for every request that waits, at once, which a slow server answers with timeouts.
   *
   * @default 4
   */
  readonly concurrentConnects?: number | undefined;
  /**
   * PostgreSQL ends a statement that takes longer. Never applies to COMMIT.
   *
   * @default 10 000
   */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * A slower query of TypeORM is logged.
   *
   * @default 500
   */
  readonly slowQueryMs?: number | undefined;
  /**
   * How long a process that is stopping serves on while it says that it is not ready.
   *
   * @default 0
   */
  readonly drainMs?: number | undefined;
}

/** How PostgreSQL is reached. */
export type DatabaseOptions = ConnectionOptions & (ProxyEndpoints | HostEndpoints);

/** A secret that signs consistency tokens. */
export interface TokenSecret {
  /**
   * Goes into every token that the secret signs, so that the token is verified with this secret and no other: 1 to 16 letters, digits,
   * `-` or `_`. A secret without one signs tokens that name no secret, and verifies all of those.
   */
  readonly id?: string | undefined;
  /** At least 32 characters. */
  readonly secret: string;
}

/** Which node may answer a read, and how long it may take to find one. */
export interface ConsistencyOptions {
  /**
   * The first one signs, all of them verify; the same in every process. README.md says how they are rotated.
   *
   * @default one made at random: tokens are then good in this process only
   */
  readonly tokenSecrets?: readonly TokenSecret[] | undefined;
  /**
   * Older tokens are refused.
   *
   * @default 300
   */
  readonly tokenLifetimeSeconds?: number | undefined;
  /**
   * How long a read waits for a replica to catch up before it goes to the leader.
   *
   * @default 50
   */
  readonly waitBudgetMs?: number | undefined;
  /**
   * How long a read is tried on other nodes when connections fail.
   *
   * @default 5 000
   */
  readonly deadlineMs?: number | undefined;
  /**
   * How many reads may fall back to the leader at once.
   *
   * @default 8
   */
  readonly leaderConcurrency?: number | undefined;
  /**
   * How long such a read waits for its turn.
   *
   * @default 500
   */
  readonly leaderQueueMs?: number | undefined;
  /**
   * Pace at which the position of the leader is sampled, for bounded reads.
   *
   * @default 100
   */
  readonly sampleIntervalMs?: number | undefined;
}

/** How a write survives. */
export interface TransactionOptions {
  /**
   * How long a write, or a read that only the leader may serve, is held and tried again. Longer than a failover takes, so with Patroni
   * longer than the TTL of the leader lock.
   *
   * @default 30 000
   */
  readonly deadlineMs?: number | undefined;
  /**
   * How many writes may be under way or waiting for a leader at once; the next is refused. Likewise reads for the leader.
   *
   * @default 500
   */
  readonly maxInFlight?: number | undefined;
  /**
   * Schema of the table of idempotency keys (README.md, "What the database needs").
   *
   * @default 'postgres_ha'
   */
  readonly keysSchema?: string | undefined;
}

/** Plain values, for the application to read from its environment. */
export interface PostgresHaSettings {
  readonly database: DatabaseOptions;
  readonly consistency?: ConsistencyOptions | undefined;
  readonly transactions?: TransactionOptions | undefined;
}

/** All that the library takes from outside: settings, and what it asks of the application. Only `database` has to be given. */
export interface PostgresHaOptions extends PostgresHaSettings {
  /**
   * Brings the schema up to date. Called in the background until it has succeeded once, and the service is not ready before.
   * Several processes may do it at once.
   *
   * @default nothing to do
   */
  readonly migrate?: (() => Promise<unknown>) | undefined;
  /**
   * Where each past timeline ended. Asked when a token is older than a failover.
   *
   * @default the nodes are asked, by `ended_timelines()` in `functionsSchema`
   */
  readonly timelines?: TimelineHistory | undefined;
  /** @default nothing is counted */
  readonly metrics?: DataMetrics | undefined;
  /** @default no refusal is stored: each repetition of a request is judged anew */
  readonly refusals?: Refusals | undefined;
  /** @default nothing is logged */
  readonly logger?: Logger | undefined;
}
