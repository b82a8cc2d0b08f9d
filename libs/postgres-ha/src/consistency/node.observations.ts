import type { ClusterClient, Node } from '../database/cluster.client.js';
import type { Replayed } from './position.js';

/** What one node was last seen to have replayed. */
export interface Observation extends Replayed {
  /** When the question was sent, by the process's monotonic clock; the answer is at least as recent. */
  readonly sentAtMs: number;
}

/** A connection as far as observations concern it. */
export type Observed = Pick<ClusterClient, 'node' | 'connectedAtMs'>;

/**
 * The latest observation of every node, shared by all connections to it, so that a read whose position the node is
 * known to have passed needs no question of its own.
 *
 * An observation counts only for connections that were open when it was made. A crashed standby may come back behind
 * what it had shown before, but no connection survives the crash: so for a live one, what was seen since it was opened
 * still holds.
 */
export class NodeObservations {
  private readonly latest = new Map<string, Observation>();
  /** A connection's node is one object for its life. */
  private readonly keys = new WeakMap<Node, string>();

  record(node: Node, observation: Observation): void {
    const key = this.keyOf(node);
    const known = this.latest.get(key);
    if (known === undefined || known.sentAtMs <= observation.sentAtMs) this.latest.set(key, observation);
  }

  /** The latest observation that counts for this connection. */
  of(connection: Observed): Observation | undefined {
    const known = this.latest.get(this.keyOf(connection.node));
    return known !== undefined && known.sentAtMs >= connection.connectedAtMs ? known : undefined;
  }

  private keyOf(node: Node): string {
    let key = this.keys.get(node);
    if (key === undefined) {
      key = `${node.systemId}/${node.member}/${node.address}`;
      this.keys.set(node, key);
    }
    return key;
  }
}
