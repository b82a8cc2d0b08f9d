import type { ClusterPool } from './cluster.pool.js';
import type { Pools } from './pools.js';

/**
 * Asks a node that serves reads: one of the pool of reads, or the leader where that pool reaches none, for the library then reads from the
 * leader, too. An endpoint that leads to replicas only reaches nobody while there is no replica.
 *
 * Both are asked at once, so that it takes no longer than one of them.
 *
 * @throws what the leader met, when neither answers
 */
export function askReadSide<T>(
  { read, watch }: Pick<Pools, 'read' | 'watch'>,
  ask: (pool: ClusterPool) => Promise<T>,
): Promise<T> {
  const leader = ask(watch);
  leader.catch(() => undefined);
  return ask(read).catch(() => leader);
}
