import type { DataSource, EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import type { ClusterClient } from './cluster.client.js';
import type { ClusterPool } from './cluster.pool.js';
import { classifyFailure, codeOf, isAccessRefused } from './failure.table.js';
import type { IdleConnection, Rank } from './idle.choice.js';

/** A connection taken out of the pool for one piece of work. `manager` runs TypeORM's queries on this very connection. */
export interface Checkout {
  readonly client: ClusterClient;
  readonly manager: EntityManager;
}

/** The error with which PostgreSQL refused the login of a DataSource that therefore has no pool. */
const refusals = new WeakMap<DataSource, unknown>();

/**
 * Connects a DataSource. After a failure its pool is closed: TypeORM would make another one at the next attempt and leave the
 * first one open. Until an attempt succeeds, {@link withClient} and its like throw the refusal of the last attempt, if it was refused.
 */
export async function connect(dataSource: DataSource): Promise<void> {
  try {
    await dataSource.initialize();
  } catch (error) {
    if (isAccessRefused(codeOf(error))) refusals.set(dataSource, error);
    else refusals.delete(dataSource);
    await dataSource.driver.disconnect().catch(() => undefined);
    throw error;
  }
}

/** Takes a connection out of the pool for `work`, and gives it back. `rank` prefers some of the idle ones (lower first, see `chooseIdle`). */
export async function withCheckout<T>(
  dataSource: DataSource,
  work: (checkout: Checkout) => Promise<T>,
  rank: Rank = anyOfThem,
): Promise<T> {
  const queryRunner = dataSource.createQueryRunner() as PostgresQueryRunner;
  queryRunner.driver = preferring(rank, queryRunner.driver, connectedPoolOf(dataSource));
  try {
    const client = (await queryRunner.connect()) as ClusterClient;
    return await work({ client, manager: queryRunner.manager });
  } finally {
    await queryRunner.release();
  }
}

/** {@link withCheckout} for statements that need no ORM, hence no query runner. */
export async function withClient<T>(
  dataSource: DataSource,
  work: (client: ClusterClient) => Promise<T>,
  rank: Rank = anyOfThem,
): Promise<T> {
  const client = await connectedPoolOf(dataSource).connectTo(rank);
  // Without a listener an error of the connection would end the process. The running statement reports it, and so does the pool at release.
  client.on('error', ignore);
  try {
    return await work(client);
  } catch (error) {
    // The client itself notices when the server ends a connection. Only here is a server noticed that stays silent.
    const { code, destroyConnection } = classifyFailure(error);
    if (destroyConnection) client.markUnfit(code);
    throw error;
  } finally {
    client.removeListener('error', ignore);
    client.release();
  }
}

/** {@link withClient} on an idle connection to this member; undefined when the pool has none. */
export async function withIdleClientTo<T>(
  dataSource: DataSource,
  member: string,
  work: (client: ClusterClient) => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  if (poolOf(dataSource)?.hasIdleTo(member) !== true) return undefined;
  const isMember = ({ node }: Pick<IdleConnection, 'node'>) => node.member === member;
  const ifMember = async (client: ClusterClient) => (isMember(client) ? { value: await work(client) } : undefined);
  return withClient(dataSource, ifMember, (idle) => (isMember(idle) ? 0 : 1));
}

/** Whether a connection of the DataSource serves now, so that work finds one or waits for one in use, and need not open the first. */
export const isServed = (dataSource: DataSource): boolean => poolOf(dataSource)?.isServing === true;

const anyOfThem: Rank = () => 0;
const ignore = () => undefined;

/** TypeORM's driver with one change: a query runner gets the idle connection that `rank` prefers, which TypeORM cannot ask for. */
function preferring(rank: Rank, driver: PostgresDriver, pool: ClusterPool): PostgresDriver {
  const obtainMasterConnection: PostgresDriver['obtainMasterConnection'] = async () => {
    const client = await pool.connectTo(rank);
    return [client, client.release];
  };
  return Object.assign(Object.create(driver) as PostgresDriver, { obtainMasterConnection });
}

function connectedPoolOf(dataSource: DataSource): ClusterPool {
  const pool = poolOf(dataSource);
  if (pool === undefined) throw refusals.get(dataSource) ?? new Error('Driver not Connected');
  return pool;
}

/** An uninitialized DataSource has no pool yet. */
function poolOf(dataSource: DataSource): ClusterPool | undefined {
  return (dataSource.driver as unknown as { master?: ClusterPool }).master;
}
