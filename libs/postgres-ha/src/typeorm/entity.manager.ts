import type { DataSource, EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import type { ClusterClient } from '../database/cluster.client.js';

const ready = new WeakSet<DataSource>();
const underWay = new WeakMap<DataSource, Promise<void>>();

/** Initializes a DataSource, once however often it is called at the same moment. Its pool stays open when that fails. */
export function initialize(dataSource: DataSource): Promise<void> {
  if (ready.has(dataSource)) return Promise.resolve();
  let running = underWay.get(dataSource);
  if (running === undefined) {
    running = dataSource
      .initialize()
      .then(() => void ready.add(dataSource))
      .finally(() => underWay.delete(dataSource));
    underWay.set(dataSource, running);
  }
  return running;
}

/** How a manager uses the connection. */
export interface ManagerOptions {
  /**
   * A transaction is open on the connection. TypeORM has to know: its `save` would begin one of its own inside it, and commit it. What it
   * does begin inside, `manager.transaction`, is a savepoint then.
   */
  readonly inTransaction?: boolean;
}

/**
 * Runs `work` with an EntityManager whose queries go to this very connection. Its transaction and its release are the caller's.
 *
 * @throws Error with code NOT_CONNECTED, which is tried again, while the DataSource has not been initialized
 */
export async function withManager<T>(
  dataSource: DataSource,
  client: ClusterClient,
  work: (manager: EntityManager) => Promise<T>,
  { inTransaction = false }: ManagerOptions = {},
): Promise<T> {
  if (!ready.has(dataSource)) {
    initialize(dataSource).catch(() => undefined);
    throw Object.assign(new Error('Driver not Connected'), { code: 'NOT_CONNECTED' });
  }
  const queryRunner = dataSource.createQueryRunner() as PostgresQueryRunner;
  queryRunner.driver = connectedBy(client, queryRunner.driver);
  if (inTransaction) Object.assign(queryRunner, { isTransactionActive: true, transactionDepth: 1 });
  try {
    await queryRunner.connect();
    return await work(queryRunner.manager);
  } finally {
    await queryRunner.release();
  }
}

/** TypeORM's driver with one change: a query runner gets this connection, and does not give it back. */
function connectedBy(client: ClusterClient, driver: PostgresDriver): PostgresDriver {
  const obtainMasterConnection: PostgresDriver['obtainMasterConnection'] = () =>
    Promise.resolve([client, () => undefined]);
  return Object.assign(Object.create(driver) as PostgresDriver, { obtainMasterConnection });
}
