/**
 * TypeORM on the pools of postgres-ha: `createDataSources(ha, { entities })`, then `read` and `write` with an EntityManager.
 *
 * @packageDocumentation
 */

export { createDataSources, DataSourcePair, type EntityOptions } from './data-source.pair.js';
export { dataSourceOptions, leaderDataSourceOptions, type DataSourceName } from './data-source.options.js';
export { initialize, withManager, type ManagerOptions } from './entity.manager.js';
export { SqlLogger } from './sql.logger.js';
