import type { Node, Role } from './cluster.client.js';

/** What is known of one of several hosts when a connection is to be opened. */
export interface HostState {
  /** Its role when it was last reached; undefined before. */
  readonly role: Role | undefined;
  /** It led then, and has been replaced, see `isSuperseded`. */
  readonly isReplaced: boolean;
  /** It could not be reached lately. */
  readonly isFailing: boolean;
  /** Connections of this pool to it, those that are being opened included. */
  readonly connections: number;
  /** A counter: higher is more recent; 0: never tried. */
  readonly lastTried: number;
}

/** The host to try next. */
export interface HostChoice {
  /** Its place in the list. */
  readonly index: number;
  /** All other hosts have been tried in vain or lead, so a pool for reads takes this one also when it leads. */
  readonly isLastResort: boolean;
}

/**
 * The host for the next attempt of one connection.
 *
 * Writes try the leader first, and one that has been replaced last. Between them come hosts that were never reached, then the replicas, for one
 * of them may have been promoted: the one first that was tried longest ago. Reads go to the replica with the fewest connections, and to the
 * leader when no other host can be had. What could not be reached lately comes last.
 *
 * @param tried places of the hosts that this connection has been tried with in vain
 * @returns undefined when none is left
 */
export function nextHost(
  hosts: readonly HostState[],
  wanted: 'leader' | 'any',
  tried: ReadonlySet<number>,
): HostChoice | undefined {
  const orderOf = (host: HostState): readonly number[] => {
    const failing = host.isFailing ? 1 : 0;
    if (wanted === 'leader') return [failing, rankForWrites(host), host.lastTried];
    return [rankForReads(host), failing, host.connections, host.lastTried];
  };
  const left = hosts.map((host, index) => ({ index, order: orderOf(host) })).filter(({ index }) => !tried.has(index));
  const [best] = left.toSorted((a, b) => compare(a.order, b.order));
  const isOther = ({ index }: { readonly index: number }) => index !== best?.index;
  return (
    best && {
      index: best.index,
      isLastResort: left.filter(isOther).every(({ index }) => hosts[index]?.role === 'leader'),
    }
  );
}

/** A host that said it leads when it was last reached. */
export interface Leader {
  readonly node: Pick<Node, 'systemId' | 'timeline'>;
  /** It could not be reached lately. */
  readonly isFailing: boolean;
}

/**
 * Whether a node that says it leads was replaced, as its likely successor among the other leaders shows:
 *
 * - one of the same system on a higher timeline, also if that one cannot be reached: the node has not noticed that it was replaced;
 * - one of the system that writes went to last, as long as it can be reached. Timelines of two systems do not compare, and writes that took
 *   turns between two systems would each be missing in the other.
 *
 * @param written the system that writes went to last; undefined before the first
 */
export function isSuperseded(node: Leader['node'], leaders: readonly Leader[], written: string | undefined): boolean {
  return leaders.some(({ node: other, isFailing }) =>
    other.systemId === node.systemId ? other.timeline > node.timeline : other.systemId === written && !isFailing,
  );
}

function rankForWrites({ role, isReplaced }: HostState): number {
  if (role === undefined) return 1;
  if (role === 'replica') return 2;
  return isReplaced ? 3 : 0;
}

function rankForReads({ role, isReplaced }: HostState): number {
  if (role !== 'leader') return 0;
  return isReplaced ? 2 : 1;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [place, value] of a.entries()) {
    const difference = value - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
