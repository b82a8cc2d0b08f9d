import type { Node, Role } from './cluster.client.js';

/** What is known of an idle connection when one is to be chosen. */
export interface IdleConnection {
  readonly node: Node;
  readonly role: Role;
  readonly connectedAtMs: number;
}

/** How much an idle connection is preferred: lower is better. The caller may get another one, and looks at which. */
export type Rank = (connection: IdleConnection) => number;

/**
 * Picks the idle connection for the next piece of work: of those with the lowest rank, the one whose member was used
 * longest ago.
 *
 * pg-pool by itself reuses the connection that was released last: under low load that is always the same one, hence a single
 * replica.
 *
 * @param idle in the order of their release, the most recent last
 * @param lastUsed a counter per member, higher is more recent; absent: never used
 * @returns the index in `idle`, or -1 when it is empty
 */
export function chooseIdle(
  idle: readonly IdleConnection[],
  lastUsed: ReadonlyMap<string, number>,
  rank: Rank = () => 0,
): number {
  let best = -1;
  let bestRank = Infinity;
  let bestUsed = Infinity;
  idle.forEach((connection, index) => {
    const ranked = rank(connection);
    const used = lastUsed.get(connection.node.member) ?? -1;
    if (ranked < bestRank || (ranked === bestRank && used <= bestUsed)) {
      best = index;
      bestRank = ranked;
      bestUsed = used;
    }
  });
  return best;
}
