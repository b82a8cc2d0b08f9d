import { randomBytes } from 'node:crypto';
import { noMetrics, type DataMetrics } from './data.metrics.js';
import { silentLogger, type Logger } from './logger.js';
import type { DatabaseOptions, DatabaseTls, PostgresHaOptions, TokenSecret } from './postgres-ha.options.js';
import { noRefusals, type Refusals } from './refusals.js';

/** An address with its port. */
export interface Host {
  readonly host: string;
  readonly port: number;
}

/** Where a pool connects to. Of several hosts it finds out by itself who leads. */
export interface ResolvedEndpoint {
  readonly hosts: readonly Host[];
  readonly poolSize: number;
}

/** {@link DatabaseOptions} with all that was left out. */
export interface ResolvedDatabase {
  readonly applicationName: string;
  readonly write: ResolvedEndpoint;
  readonly read: ResolvedEndpoint & { readonly maxAgeSeconds: number };
  readonly database: string;
  readonly username: string;
  readonly password: string;
  readonly ssl: DatabaseTls | undefined;
  readonly functionsSchema: string;
  readonly connectTimeoutMs: number;
  readonly concurrentConnects: number;
  readonly statementTimeoutMs: number;
  readonly slowQueryMs: number;
  readonly drainMs: number;
}

/** `ConsistencyOptions` with all that was left out. */
export interface ResolvedConsistency {
  readonly tokenSecrets: readonly TokenSecret[];
  readonly tokenLifetimeSeconds: number;
  readonly waitBudgetMs: number;
  readonly deadlineMs: number;
  readonly leaderConcurrency: number;
  readonly leaderQueueMs: number;
  readonly sampleIntervalMs: number;
}

/** `TransactionOptions` with all that was left out. */
export interface ResolvedTransactions {
  readonly deadlineMs: number;
  readonly maxInFlight: number;
  readonly keysSchema: string;
}

/** {@link PostgresHaOptions} with all that was left out, but for `timelines`, whose default needs connections. */
export interface ResolvedOptions {
  readonly database: ResolvedDatabase;
  readonly consistency: ResolvedConsistency;
  readonly transactions: ResolvedTransactions;
  readonly metrics: DataMetrics;
  readonly refusals: Refusals;
  readonly logger: Logger;
}

const postgresPort = 5432;
const poolSize = 16;

/** Takes the given options, and the defaults for the rest. */
export function resolveOptions(options: PostgresHaOptions): ResolvedOptions {
  const { consistency, transactions } = options;
  return {
    database: resolveDatabase(options.database),
    consistency: {
      tokenSecrets: consistency?.tokenSecrets ?? [{ secret: randomBytes(32).toString('hex') }],
      tokenLifetimeSeconds: consistency?.tokenLifetimeSeconds ?? 300,
      waitBudgetMs: consistency?.waitBudgetMs ?? 50,
      deadlineMs: consistency?.deadlineMs ?? 5_000,
      leaderConcurrency: consistency?.leaderConcurrency ?? 8,
      leaderQueueMs: consistency?.leaderQueueMs ?? 500,
      sampleIntervalMs: consistency?.sampleIntervalMs ?? 100,
    },
    transactions: {
      deadlineMs: transactions?.deadlineMs ?? 30_000,
      maxInFlight: transactions?.maxInFlight ?? 500,
      keysSchema: transactions?.keysSchema ?? 'postgres_ha',
    },
    metrics: options.metrics ?? noMetrics,
    refusals: options.refusals ?? noRefusals,
    logger: options.logger ?? silentLogger,
  };
}

/**
 * {@link resolveOptions} for the database alone.
 *
 * @throws RangeError for an empty list of hosts
 */
export function resolveDatabase(database: DatabaseOptions): ResolvedDatabase {
  if (database.hosts?.length === 0) throw new RangeError('the list of hosts is empty');
  const [writeHosts, readHosts] =
    database.hosts === undefined ? [[database.write], [database.read]] : [database.hosts, database.hosts];
  return {
    applicationName: database.applicationName ?? 'postgres-ha',
    write: { hosts: writeHosts.map(withPort), poolSize: database.write?.poolSize ?? poolSize },
    read: {
      hosts: readHosts.map(withPort),
      poolSize: database.read?.poolSize ?? poolSize,
      maxAgeSeconds: database.read?.maxAgeSeconds ?? 30,
    },
    database: database.database,
    username: database.username,
    password: database.password,
    ssl: database.ssl,
    functionsSchema: database.functionsSchema ?? 'postgres_ha',
    connectTimeoutMs: database.connectTimeoutMs ?? 2_000,
    concurrentConnects: database.concurrentConnects ?? 4,
    statementTimeoutMs: database.statementTimeoutMs ?? 10_000,
    slowQueryMs: database.slowQueryMs ?? 500,
    drainMs: database.drainMs ?? 0,
  };
}

const withPort = ({ host, port }: { readonly host: string; readonly port?: number | undefined }): Host => ({
  host,
  port: port ?? postgresPort,
});
