import type { Host } from '../options/resolved.options.js';
import type { Node, Role } from './cluster.client.js';
import { isSuperseded, nextHost, type HostChoice, type Leader } from './host.choice.js';

interface Known {
  role: Role | undefined;
  node: Node | undefined;
  failedAtMs: number;
  lastTried: number;
}

/** For how long a host that could not be reached is tried after all others. */
const failingForMs = 5_000;

/**
 * What the pools of this process know of the hosts they were given. They share it, for the pool of the reads sees every host, also one
 * that leads although the pool of the writes has a connection to another that says so.
 */
export class HostDirectory {
  private readonly known: readonly Known[];
  private attempts = 0;
  private written: string | undefined;

  constructor(readonly hosts: readonly Host[]) {
    this.known = hosts.map(() => ({
      role: undefined,
      node: undefined,
      failedAtMs: Number.NEGATIVE_INFINITY,
      lastTried: 0,
    }));
  }

  /**
   * The host for the next attempt of a connection, see `nextHost`.
   *
   * @param connections how many the pool has to each host
   */
  next(
    wanted: 'leader' | 'any',
    tried: ReadonlySet<number>,
    connections: (index: number) => number,
  ): HostChoice | undefined {
    const states = this.known.map((known, index) => ({
      role: known.role,
      isReplaced: known.role === 'leader' && known.node !== undefined && this.isSuperseded(known.node),
      lastTried: known.lastTried,
      isFailing: isFailing(known),
      connections: connections(index),
    }));
    const choice = nextHost(states, wanted, tried);
    const known = choice && this.known[choice.index];
    if (known !== undefined) known.lastTried = this.attempts += 1;
    return choice;
  }

  /** @param node undefined when it was not asked */
  reached(index: number, role: Role, node?: Node): void {
    const known = this.known[index];
    if (known === undefined) return;
    known.role = role;
    known.node = node ?? known.node;
    known.failedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** The host could not be reached: for a while it is tried after all others. */
  failed(index: number): void {
    const known = this.known[index];
    if (known !== undefined) known.failedAtMs = performance.now();
  }

  /** A connection for writes leads to this node, which is not superseded. */
  writesTo({ systemId }: Node): void {
    this.written = systemId;
  }

  /** Whether a node that says it leads was replaced by another host. */
  isSuperseded(node: Node): boolean {
    const leaders = this.known.flatMap((known): Leader[] =>
      known.role === 'leader' && known.node !== undefined ? [{ node: known.node, isFailing: isFailing(known) }] : [],
    );
    return isSuperseded(node, leaders, this.written);
  }
}

function isFailing({ failedAtMs }: Known): boolean {
  return performance.now() - failedAtMs < failingForMs;
}
