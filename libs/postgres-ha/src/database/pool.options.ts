import type { ResolvedDatabase } from '../options/resolved.options.js';
import type { ClusterPoolOptions } from './cluster.pool.js';
import { HostDirectory } from './host.directory.js';
import { pipelining } from './pipeline.js';

/**
 * Names of the pools, after what may be done with their connections. `watch` reaches the leader as `write` does. It is for finding out
 * whether the leader is there, which must not wait for a connection behind the writes.
 */
export type PoolName = 'write' | 'read' | 'watch';

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
 * Options of the pools `write` and `watch` (leader) and `read` (replicas).
 *
 * Sessions of `read` are read-only by `default_transaction_read_only`, so that a write fails with 25006 also while reads go to
 * the leader. Only `read` has a client-side timeout: on a write it could hit COMMIT and make the outcome unknown.
 *
 * @param directory what is known of the endpoint's hosts; shared by pools of the same hosts
 */
export function poolOptions(
  name: PoolName,
  database: ResolvedDatabase,
  directory = new HostDirectory(name === 'read' ? database.read.hosts : database.write.hosts),
): ClusterPoolOptions {
  const isRead = name === 'read';
  const { poolSize } = isRead ? database.read : database.write;
  const settings = [
    `statement_timeout=${database.statementTimeoutMs}`,
    `lock_timeout=${isRead ? readLockTimeoutMs : writeLockTimeoutMs}`,
    `idle_in_transaction_session_timeout=${idleInTransactionTimeoutMs}`,
  ];
  if (isRead) settings.push('default_transaction_read_only=on');
  return {
    ...connectionOptions(database, name),
    directory,
    user: database.username,
    password: database.password,
    max: name === 'watch' ? watchPoolSize : poolSize,
    accepts: isRead ? 'any' : 'leader',
    warmConnections: isRead ? Math.min(warmReadConnections, poolSize) : warmWriteConnections,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
    maxLifetimeSeconds: isRead ? database.read.maxAgeSeconds : 0,
    ...silenceBound(name, database),
  };
}

function silenceBound(
  name: PoolName,
  { statementTimeoutMs, connectTimeoutMs }: ResolvedDatabase,
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

/** The login of a pool that the application makes by itself. */
export interface OwnLogin {
  /** Follows the prefix in `application_name`. */
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly lockTimeoutMs: number;
}

/** Options of a short-lived pool with one connection to the leader, for migrations by the owner of the schema. */
export function leaderPoolOptions(
  database: ResolvedDatabase,
  { name, username, password, lockTimeoutMs }: OwnLogin,
): ClusterPoolOptions {
  return {
    ...connectionOptions(database, name),
    directory: new HostDirectory(database.write.hosts),
    user: username,
    password,
    max: 1,
    accepts: 'leader',
    warmConnections: 0,
    options: `-c lock_timeout=${lockTimeoutMs}`,
  };
}

function connectionOptions(database: ResolvedDatabase, name: string) {
  return {
    database: database.database,
    application_name: `${database.applicationName}-${name}`,
    connectionTimeoutMillis: database.connectTimeoutMs,
    concurrentConnects: database.concurrentConnects,
    functionsSchema: database.functionsSchema,
    tls: database.ssl,
    leaderMaxAgeMs,
    ...pipelining,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    idleTimeoutMillis: idleTimeoutMs,
  };
}
