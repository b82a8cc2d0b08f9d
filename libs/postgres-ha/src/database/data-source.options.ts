import type { DataSourceOptions } from 'typeorm';
import type { Environment } from '../../../../apps/api/src/config/environment.schema.js';
import { ClusterPool, type ClusterPoolOptions } from './cluster.pool.js';
import { migrations } from '../../../../apps/api/src/migrations/index.js';

/**
 * Names of the DataSources, after what may be done on them. `watch` reaches the leader as `write` does, for looking
 * whether it is there: whoever looks must not wait in line with the writes.
 */
export type DataSourceName = 'write' | 'read' | 'watch';

const warmWriteConnections = 1;
const warmReadConnections = 4;
const concurrentConnects = 4;
const leaderMaxAgeMs = 5_000;
const idleTimeoutMs = 60_000;
/** Of a statement that reads. */
const readLockTimeoutMs = 5_000;
/** Whoever waits for a lock holds a connection of the pool: not for long, until others like it have taken their turn. */
const writeLockTimeoutMs = 100;
const watchPoolSize = 2;
const idleInTransactionTimeoutMs = 15_000;
const migrationLockTimeoutMs = 60_000;

/** Room for the server's own timeout to answer first; only a node that stopped answering meets this one. */
const silenceMarginMs = 1_000;

/**
 * Options of the `write` and `watch` DataSources (:5000, leader) or the `read` DataSource (:5001, replicas).
 *
 * Sessions of `read` are read-only by `default_transaction_read_only`, so that a write fails with 25006 also while
 * HAProxy forwards reads to the leader. Only those that read have a client-side timeout: on a write it could hit COMMIT and make
 * the outcome unknown.
 */
export function dataSourceOptions(name: DataSourceName, environment: Environment): DataSourceOptions {
  const isRead = name === 'read';
  const settings = [
    `statement_timeout=${environment.DB_STATEMENT_TIMEOUT_MS}`,
    `lock_timeout=${isRead ? readLockTimeoutMs : writeLockTimeoutMs}`,
    `idle_in_transaction_session_timeout=${idleInTransactionTimeoutMs}`,
  ];
  if (isRead) settings.push('default_transaction_read_only=on');
  return {
    ...connectionOptions(environment, `api-${name}`, {
      accepts: isRead ? 'any' : 'leader',
      warmConnections: isRead ? Math.min(warmReadConnections, environment.DB_READ_POOL_SIZE) : warmWriteConnections,
      concurrentConnects,
      leaderMaxAgeMs,
      options: settings.map((setting) => `-c ${setting}`).join(' '),
      maxLifetimeSeconds: isRead ? environment.DB_CONNECTION_MAX_AGE_SECONDS : 0,
      ...silenceBound(name, environment),
    }),
    host: isRead ? environment.DB_READ_HOST : environment.DB_WRITE_HOST,
    port: isRead ? environment.DB_READ_PORT : environment.DB_WRITE_PORT,
    username: environment.DB_USER,
    password: environment.DB_PASSWORD,
    poolSize: { read: environment.DB_READ_POOL_SIZE, write: environment.DB_WRITE_POOL_SIZE, watch: watchPoolSize }[
      name
    ],
    maxQueryExecutionTime: environment.DB_SLOW_QUERY_MS,
  };
}

function silenceBound(name: DataSourceName, environment: Environment): { readonly query_timeout?: number } {
  switch (name) {
    case 'read':
      return { query_timeout: environment.DB_STATEMENT_TIMEOUT_MS + silenceMarginMs };
    case 'watch':
      return { query_timeout: environment.DB_CONNECT_TIMEOUT_MS };
    case 'write':
      return {};
  }
}

/** Options of the short-lived DataSource with which the owner of the schema migrates it, on the leader only. */
export function migrationDataSourceOptions(environment: Environment): DataSourceOptions {
  return {
    ...connectionOptions(environment, 'api-migrations', {
      accepts: 'leader',
      warmConnections: 0,
      concurrentConnects,
      leaderMaxAgeMs,
      options: `-c lock_timeout=${migrationLockTimeoutMs}`,
    }),
    host: environment.DB_WRITE_HOST,
    port: environment.DB_WRITE_PORT,
    username: environment.DB_OWNER_USER,
    password: environment.DB_OWNER_PASSWORD ?? '',
    poolSize: 1,
    migrations,
    migrationsTableName: 'schema_migrations',
  };
}

function connectionOptions(environment: Environment, applicationName: string, pool: ClusterPoolOptions) {
  return {
    type: 'postgres' as const,
    driver: { Pool: ClusterPool },
    database: environment.DB_NAME,
    applicationName,
    connectTimeoutMS: environment.DB_CONNECT_TIMEOUT_MS,
    synchronize: false,
    installExtensions: false,
    extra: {
      ...pool,
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: idleTimeoutMs / 6,
      idleTimeoutMillis: idleTimeoutMs,
    },
  };
}
