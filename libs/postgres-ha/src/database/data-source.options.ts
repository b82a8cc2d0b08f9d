import type { DataSourceOptions } from 'typeorm';
import { ClusterPool, type ClusterPoolOptions } from './cluster.pool.js';
import type { DatabaseOptions } from '../options/postgres-ha.options.js';
import { pipelining } from './pipeline.js';
import { tlsOptions } from './tls.options.js';

/**
 * Names of the DataSources, after what may be done on them. `watch` reaches the leader as `write` does. It is for finding out
 * whether the leader is there, which must not wait for a connection behind the writes.
 */
export type DataSourceName = 'write' | 'read' | 'watch';

const warmWriteConnections = 1;
const warmReadConnections = 4;
const leaderMaxAgeMs = 5_000;
const idleTimeoutMs = 60_000;
/**
 * A connection is probed after a second of silence. When the proxy's address has moved to another proxy, that one answers the probe
 * with a reset; a query whose answer the old proxy will never send fails then, and is tried again.
 */
const keepAliveMs = 1_000;
/** Longest time of a statement that reads. */
const readLockTimeoutMs = 5_000;
/** A write that waits for a lock holds a connection of the pool, so the first wait is short. `LockQueue` then allows a longer one. */
const writeLockTimeoutMs = 100;
const watchPoolSize = 2;
/**
 * The library never lets a transaction idle. One that does belongs to a connection that was lost on its way, behind a frozen proxy for
 * example, and holds locks: of the write's own key, which its next attempt and a repeated request wait for. Shorter than they wait.
 */
const idleInTransactionTimeoutMs = 1_500;

/** Added to the server's own timeout, which then answers first. Only a node that no longer answers reaches this one. */
const silenceMarginMs = 1_000;

/**
 * Options of the `write` and `watch` DataSources (leader) or the `read` DataSource (replicas).
 *
 * Sessions of `read` are read-only by `default_transaction_read_only`, so that a write fails with 25006 also while
 * the proxy forwards reads to the leader. Only `read` has a client-side timeout: on a write it could hit COMMIT and
 * make the outcome unknown.
 */
export function dataSourceOptions(name: DataSourceName, database: DatabaseOptions): DataSourceOptions {
  const isRead = name === 'read';
  const { host, port, poolSize } = isRead ? database.read : database.write;
  const settings = [
    `statement_timeout=${database.statementTimeoutMs}`,
    `lock_timeout=${isRead ? readLockTimeoutMs : writeLockTimeoutMs}`,
    `idle_in_transaction_session_timeout=${idleInTransactionTimeoutMs}`,
  ];
  if (isRead) settings.push('default_transaction_read_only=on');
  return {
    ...connectionOptions(database, `${database.applicationName}-${name}`, {
      ssl: tlsOptions(database.ssl, host),
      accepts: isRead ? 'any' : 'leader',
      warmConnections: isRead ? Math.min(warmReadConnections, poolSize) : warmWriteConnections,
      concurrentConnects: database.concurrentConnects,
      leaderMaxAgeMs,
      options: settings.map((setting) => `-c ${setting}`).join(' '),
      maxLifetimeSeconds: isRead ? database.read.maxAgeSeconds : 0,
      ...silenceBound(name, database),
    }),
    host,
    port,
    username: database.username,
    password: database.password,
    poolSize: name === 'watch' ? watchPoolSize : poolSize,
    maxQueryExecutionTime: database.slowQueryMs,
  };
}

function silenceBound(
  name: DataSourceName,
  { statementTimeoutMs, connectTimeoutMs }: DatabaseOptions,
): { readonly query_timeout?: number } {
  switch (name) {
    case 'read':
      return { query_timeout: statementTimeoutMs + silenceMarginMs };
    case 'watch':
      return { query_timeout: connectTimeoutMs };
    case 'write':
      return {};
  }
}

/** The login of a DataSource that the application makes by itself. */
export interface OwnLogin {
  /** Follows the prefix in `application_name`. */
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly lockTimeoutMs: number;
}

/** Options of a short-lived DataSource with one connection to the leader, for migrations by the owner of the schema. */
export function leaderDataSourceOptions(
  database: DatabaseOptions,
  { name, username, password, lockTimeoutMs }: OwnLogin,
): DataSourceOptions {
  return {
    ...connectionOptions(database, `${database.applicationName}-${name}`, {
      ssl: tlsOptions(database.ssl, database.write.host),
      accepts: 'leader',
      warmConnections: 0,
      concurrentConnects: database.concurrentConnects,
      leaderMaxAgeMs,
      options: `-c lock_timeout=${lockTimeoutMs}`,
    }),
    host: database.write.host,
    port: database.write.port,
    username,
    password,
    poolSize: 1,
  };
}

function connectionOptions(
  { database, connectTimeoutMs, functionsSchema }: DatabaseOptions,
  applicationName: string,
  pool: Omit<ClusterPoolOptions, 'functionsSchema'>,
) {
  return {
    type: 'postgres' as const,
    driver: { Pool: ClusterPool },
    database,
    applicationName,
    connectTimeoutMS: connectTimeoutMs,
    synchronize: false,
    installExtensions: false,
    extra: {
      ...pool,
      functionsSchema,
      ...pipelining,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
      idleTimeoutMillis: idleTimeoutMs,
    },
  };
}
