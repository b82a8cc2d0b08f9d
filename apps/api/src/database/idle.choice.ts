import type { Node, Role } from './cluster.client.js';

/** What is known of an idle connection when one is to be chosen. */
export interface IdleConnection {
  readonly node: Node;
  readonly role: Role;
}

/**
 * Picks the idle connection for the next piece of work: of the wanted ones, the one whose member was used longest ago.
 *
 * Both steps are there because pg-pool is LIFO: left alone, low load uses a single connection, hence a single replica.
 *
 * @param idle in the order of their release, the most recent last
 * @param lastUsed a counter per member, higher is more recent; absent: never used
 * @param wanted prefers connections; where none is wanted all are candidates, for the caller checks again on its connection
 * @returns the index in `idle`, or -1 when it is empty
 */
export function chooseIdle(
  idle: readonly IdleConnection[],
  lastUsed: ReadonlyMap<string, number>,
  wanted: (connection: IdleConnection) => boolean = () => true,
): number {
  let best = -1;
  let bestWanted = false;
  let bestUsed = Infinity;
  idle.forEach((connection, index) => {
    const isWanted = wanted(connection);
    const used = lastUsed.get(connection.node.member) ?? -1;
    const better = isWanted === bestWanted ? used <= bestUsed : isWanted;
    if (better) {
      best = index;
      bestWanted = isWanted;
      bestUsed = used;
    }
  });
  return best;
}
