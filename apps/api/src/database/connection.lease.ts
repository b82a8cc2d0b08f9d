import type { DataSource, EntityManager } from 'typeorm';
import type { ClusterClient } from './cluster.client.js';
import type { ClusterPool } from './cluster.pool.js';
import type { IdleConnection } from './idle.choice.js';

/** A connection for the length of one piece of work. `manager` runs TypeORM's queries on this very connection. */
export interface Lease {
  readonly client: ClusterClient;
  readonly manager: EntityManager;
}

/** Leases a connection; `rank` prefers some of the idle ones (lower first, see `chooseIdle`). */
export async function withLease<T>(
  dataSource: DataSource,
  work: (lease: Lease) => Promise<T>,
  rank?: (connection: IdleConnection) => number,
): Promise<T> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    const connect = () => queryRunner.connect() as Promise<ClusterClient>;
    const client = await (rank === undefined ? connect() : poolOf(dataSource).preferring(rank, connect));
    return await work({ client, manager: queryRunner.manager });
  } finally {
    await queryRunner.release();
  }
}

/**
 * Sends BEGIN and does not wait: it travels with the statement after it. TypeORM is told, or its `save` would begin a
 * transaction of its own inside this one and commit it.
 */
export function begin({ client, manager }: Lease): Promise<unknown> {
  Object.assign(manager.queryRunner as object, { isTransactionActive: true });
  return client.query('BEGIN');
}

/** {@link withLease} for work that needs the bare client only. */
export function withClient<T>(dataSource: DataSource, work: (client: ClusterClient) => Promise<T>): Promise<T> {
  return withLease(dataSource, ({ client }) => work(client));
}

/** An uninitialized DataSource has no pool yet; its `connect` says so. */
function poolOf(dataSource: DataSource): Pick<ClusterPool, 'preferring'> {
  const { master } = dataSource.driver as unknown as { master?: ClusterPool };
  return master ?? { preferring: (_rank, checkout) => checkout() };
}
