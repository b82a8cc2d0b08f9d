import type { PostgresHaSettings } from '../../../../libs/postgres-ha/src/index.js';
import { readTls } from '../../../../libs/service-kit/src/tls.files.js';
import type { Environment } from './environment.schema.js';

/**
 * The data layer's settings, from the environment.
 *
 * @throws InvalidEnvironmentError when a file of `DB_TLS_…` cannot be used
 */
export function postgresHaSettings(environment: Environment): PostgresHaSettings {
  return {
    database: {
      applicationName: 'api',
      write: {
        host: environment.DB_WRITE_HOST,
        port: environment.DB_WRITE_PORT,
        poolSize: environment.DB_WRITE_POOL_SIZE,
      },
      read: {
        host: environment.DB_READ_HOST,
        port: environment.DB_READ_PORT,
        poolSize: environment.DB_READ_POOL_SIZE,
        maxAgeSeconds: environment.DB_CONNECTION_MAX_AGE_SECONDS,
      },
      database: environment.DB_NAME,
      username: environment.DB_USER,
      password: environment.DB_PASSWORD,
      ssl: readTls('DB_TLS', environment),
      functionsSchema: 'lab',
      connectTimeoutMs: environment.DB_CONNECT_TIMEOUT_MS,
      concurrentConnects: environment.DB_CONCURRENT_CONNECTS,
      statementTimeoutMs: environment.DB_STATEMENT_TIMEOUT_MS,
      slowQueryMs: environment.DB_SLOW_QUERY_MS,
      drainMs: environment.SHUTDOWN_DRAIN_MS,
    },
    consistency: {
      tokenSecrets: [environment.CONSISTENCY_TOKEN_SECRET, ...environment.CONSISTENCY_TOKEN_OTHER_SECRETS].map(
        (secret) => ({ secret }),
      ),
      tokenLifetimeSeconds: environment.CONSISTENCY_TOKEN_TTL_SECONDS,
      waitBudgetMs: environment.READ_WAIT_BUDGET_MS,
      deadlineMs: environment.READ_DEADLINE_MS,
      leaderConcurrency: environment.READ_LEADER_CONCURRENCY,
      leaderQueueMs: environment.READ_LEADER_QUEUE_MS,
      sampleIntervalMs: environment.STALENESS_SAMPLE_INTERVAL_MS,
    },
    transactions: {
      deadlineMs: environment.WRITE_DEADLINE_MS,
      maxInFlight: environment.WRITE_MAX_IN_FLIGHT,
      keysSchema: 'public',
    },
  };
}
