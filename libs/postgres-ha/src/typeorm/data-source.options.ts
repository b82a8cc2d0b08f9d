import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { ClusterPool } from '../database/cluster.pool.js';
import { leaderPoolOptions, type OwnLogin } from '../database/pool.options.js';
import type { Logger } from '../options/logger.js';
import type { DatabaseOptions } from '../options/postgres-ha.options.js';
import { resolveDatabase } from '../options/resolved.options.js';
import type { PostgresHa } from '../postgres-ha.js';
import { SqlLogger } from './sql.logger.js';

/** Names of the DataSources, after what may be done on them. */
export type DataSourceName = 'write' | 'read';

/** What a DataSource takes for its pool. */
type PoolCallback = (...answer: unknown[]) => void;

/**
 * Options of a DataSource that uses a pool of `ha`. It lends the pool: destroying the DataSource does not end it.
 *
 * Never with `synchronize` or `migrationsRun`: what changes the schema needs another login, see {@link leaderDataSourceOptions}.
 *
 * @param logger gets slow queries
 */
export function dataSourceOptions(
  ha: Pick<PostgresHa, 'pools' | 'options'>,
  name: DataSourceName,
  logger: Logger = ha.options.logger,
): PostgresDataSourceOptions {
  const { database } = ha.options;
  return {
    ...commonOptions(database.database),
    driver: { Pool: lending(ha.pools[name]) },
    maxQueryExecutionTime: database.slowQueryMs,
    logger: new SqlLogger(name, logger),
  };
}

/** Options of a short-lived DataSource with one connection to the leader and a pool of its own, for migrations by the owner of the schema. */
export function leaderDataSourceOptions(database: DatabaseOptions, login: OwnLogin): PostgresDataSourceOptions {
  const resolved = resolveDatabase(database);
  const options = leaderPoolOptions(resolved, login);
  return { ...commonOptions(resolved.database), driver: { Pool: made(options) } };
}

function commonOptions(database: string) {
  return { type: 'postgres' as const, database, synchronize: false, installExtensions: false };
}

/** TypeORM makes its pool itself, from a class. This one makes the pool with the options it is given here. */
function made(options: ConstructorParameters<typeof ClusterPool>[0]) {
  return class extends ClusterPool {
    constructor() {
      super(options);
    }
  };
}

/** A class whose instances pass on what TypeORM asks of a pool, but for its end. */
function lending(pool: ClusterPool) {
  return class {
    connect(callback: PoolCallback): void {
      pool.connect(callback);
    }
    /** Errors of idle connections are logged by the owner of the pool. */
    on(): void {}
    end(callback: PoolCallback): void {
      callback();
    }
  };
}
