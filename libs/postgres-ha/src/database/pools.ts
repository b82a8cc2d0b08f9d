import type { Logger } from '../options/logger.js';
import type { ResolvedDatabase } from '../options/resolved.options.js';
import { ClusterPool } from './cluster.pool.js';
import { codeOf } from './failure.table.js';
import { HostDirectory } from './host.directory.js';
import { poolOptions, type PoolName } from './pool.options.js';

/** The pools of one process, by name. They connect when they are first used. */
export type Pools = Readonly<Record<PoolName, ClusterPool>>;

/** Makes the three pools. */
export function createPools(database: ResolvedDatabase, logger: Logger): Pools {
  const writeHosts = new HostDirectory(database.write.hosts);
  const hasOneList = database.write.hosts.length > 1 && database.read.hosts.length > 1;
  const readHosts = hasOneList ? writeHosts : new HostDirectory(database.read.hosts);
  const pool = (name: PoolName) => {
    const created = new ClusterPool(poolOptions(name, database, name === 'read' ? readHosts : writeHosts));
    // An idle connection has failed. Without a listener it would end the process.
    created.on('error', (error) => logger.warn({ event: 'database_warning', pool: name, code: codeOf(error) }));
    return created;
  };
  return { write: pool('write'), read: pool('read'), watch: pool('watch') };
}
