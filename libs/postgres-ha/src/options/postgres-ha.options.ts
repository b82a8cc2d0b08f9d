import type { TimelineHistory } from './timeline.history.js';
import type { DataMetrics } from './data.metrics.js';
import type { Refusals } from './refusals.js';

/** Where a proxy or a load balancer listens, and how many connections this process holds to it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly poolSize: number;
}

/** What encrypts a connection and proves who is at its ends. PEM texts, not paths. */
export interface DatabaseTls {
  /** Certificates of the authorities that may have signed the server's. No other is trusted, the system's neither. */
  readonly ca: string;
  /** Shows the server who connects, for servers that ask for it. */
  readonly client?: { readonly certificate: string; readonly key: string } | undefined;
}

/** How PostgreSQL is reached. */
export interface DatabaseOptions {
  /** Prefix of `application_name`: the sessions are called `NAME-write`, `NAME-read`, `NAME-watch` and `NAME-member`. */
  readonly applicationName: string;
  /** Forwards TCP to the leader. */
  readonly write: Endpoint;
  /** Forwards TCP to the replicas, or to the leader while there is none. */
  readonly read: Endpoint & {
    /** Read connections are replaced at this age, so that reads return to a replica that came back. */
    readonly maxAgeSeconds: number;
  };
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
  /** Schema of the functions with which a node says who and where it is (README.md, "What the database needs"). */
  readonly functionsSchema: string;
  /** Bound of a connect, and of waiting for a pooled connection. */
  readonly connectTimeoutMs: number;
  /**
   * How many connections each pool may open at the same time, and only while requests wait longer than a connect takes.
   * 0: one for every request that waits, at once, which a slow server answers with timeouts.
   */
  readonly concurrentConnects: number;
  /** PostgreSQL ends a statement that takes longer. Never applies to COMMIT. */
  readonly statementTimeoutMs: number;
  /** A slower query is logged. */
  readonly slowQueryMs: number;
  /** How long a process that is stopping serves on while it says that it is not ready. */
  readonly drainMs: number;
}

/** Which node may answer a read, and how long it may take to find one. */
export interface ConsistencyOptions {
  /** Signs tokens: at least 32 characters, the same in every process. */
  readonly tokenSecret: string;
  /** Older tokens are refused. */
  readonly tokenLifetimeSeconds: number;
  /** How long a read waits for a replica to catch up before it goes to the leader. */
  readonly waitBudgetMs: number;
  /** How long a read is tried on other nodes when connections fail. */
  readonly deadlineMs: number;
  /** How many reads may fall back to the leader at once. */
  readonly leaderConcurrency: number;
  /** How long such a read waits for its turn. */
  readonly leaderQueueMs: number;
  /** Pace at which the position of the leader is sampled, for bounded reads. */
  readonly sampleIntervalMs: number;
}

/** How a write survives. */
export interface TransactionOptions {
  /** How long a write, or a read that only the leader may serve, is held and tried again. Longer than the TTL of the leader lock. */
  readonly deadlineMs: number;
  /** How many writes may be under way or waiting for a leader at once; the next is refused. Likewise reads for the leader. */
  readonly maxInFlight: number;
  /** Schema of the table of idempotency keys (README.md, "What the database needs"). */
  readonly keysSchema: string;
}

/** Plain values, for the application to read from its environment. */
export interface PostgresHaSettings {
  readonly database: DatabaseOptions;
  readonly consistency: ConsistencyOptions;
  readonly transactions: TransactionOptions;
}

/** All that the library takes from outside: settings, and what it asks of the application. */
export interface PostgresHaOptions extends PostgresHaSettings {
  /**
   * Brings the schema up to date. Called in the background until it has succeeded once, and the service is not ready before.
   * Several processes may do it at once.
   */
  readonly migrate: () => Promise<unknown>;
  readonly timelines: TimelineHistory;
  readonly metrics: DataMetrics;
  readonly refusals: Refusals;
}

/** Injection token of {@link PostgresHaOptions}. */
export const POSTGRES_HA_OPTIONS = Symbol('POSTGRES_HA_OPTIONS');
