import type { Node, Role } from './cluster.client.js';

/** What is known of one of several hosts when a connection is to be opened. */
export interface HostState {
  /** Its role when it was last reached; undefined before. */
  readonly role: Role | undefined;
  /** What it said of itself then; undefined before. Timelines of different systems do not compare. */
  readonly node: Pick<Node, 'systemId' | 'timeline'> | undefined;
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
 * Writes try the leader first: of two of one system, the one on the higher timeline, for the other one has not noticed that it was replaced. Then hosts
 * that were never reached, then the replicas, for one of them may have been promoted: the one first that was tried longest ago. Reads go to
 * the replica with the fewest connections, and to the leader when no other host can be had. What could not be reached lately comes last.
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
    if (wanted === 'leader') return [failing, rankForWrites(host, hosts), host.lastTried];
    return [rankForReads(host, hosts), failing, host.connections, host.lastTried];
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

/** Whether a host that says it leads was replaced: another one of the same system leads on a higher timeline. */
export function isSuperseded(
  { systemId, timeline }: Pick<Node, 'systemId' | 'timeline'>,
  hosts: readonly Pick<HostState, 'role' | 'node'>[],
): boolean {
  return hosts.some(({ role, node }) => role === 'leader' && node?.systemId === systemId && node.timeline > timeline);
}

function rankForWrites({ role, node }: HostState, hosts: readonly HostState[]): number {
  if (role === undefined) return 1;
  if (role === 'replica') return 2;
  return node !== undefined && isSuperseded(node, hosts) ? 3 : 0;
}

function rankForReads({ role, node }: HostState, hosts: readonly HostState[]): number {
  if (role !== 'leader') return 0;
  return node !== undefined && isSuperseded(node, hosts) ? 2 : 1;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [place, value] of a.entries()) {
    const difference = value - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
