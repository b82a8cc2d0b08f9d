import type { Shares } from './schedule.js';

/** One client with an operation under way would leave its kind without anybody who begins another. */
const leastOfKind = 2;

/** The fewest clients that a load of these shares can have. */
export const leastClients = (shares: Readonly<Record<string, unknown>>): number =>
  leastOfKind * Object.keys(shares).length;

/**
 * How many of `clients` each kind gets: at least two, the rest by its share, and all of them together.
 *
 * @throws RangeError where there are fewer than {@link leastClients}
 */
export function clientCounts<Kind extends string>(clients: number, shares: Shares<Kind>): ReadonlyMap<Kind, number> {
  const least = leastClients(shares);
  if (clients < least) throw new RangeError(`${clients} clients are too few for this load: at least ${least}`);
  const kinds = Object.keys(shares) as Kind[];
  const total = kinds.reduce((sum, kind) => sum + shares[kind], 0);
  const counts = new Map(kinds.map((kind) => [kind, leastOfKind]));
  const lack = (kind: Kind): number => (clients * shares[kind]) / total - (counts.get(kind) ?? 0);
  for (let given = least; given < clients; given += 1) {
    const neediest = kinds.reduce((most, kind) => (lack(kind) > lack(most) ? kind : most));
    counts.set(neediest, (counts.get(neediest) ?? 0) + 1);
  }
  return counts;
}
