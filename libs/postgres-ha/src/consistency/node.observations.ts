import type { ClusterClient, Node } from '../database/cluster.client.js';
import type { Replayed } from './position.js';

/** What a node had replayed when it was last asked. */
export interface Observation extends Replayed {
  /** When the node was asked, by the process's monotonic clock. The answer is at least as recent. */
  readonly sentAtMs: number;
}

/** What an observation needs to know of a connection. */
export type Observed = Pick<ClusterClient, 'node' | 'connectedAtMs'>;

/**
 * The latest observation of every node, shared by all connections to it. A read whose position the node is known to have passed
 * need not ask the node.
 *
 * An observation counts only for connections that were open when it was made. A standby that crashed may come back behind
 * what it had shown before. No connection survives that crash, so on a live one the node still holds what was observed since
 * the connection was opened.
 */
export class NodeObservations {
  private readonly latest = new Map<string, Observation>();
  /** A connection has the same node object for its whole life. */
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
      key = `${node.systemId}/${node.member}/${node.address}:${node.port}`;
      this.keys.set(node, key);
    }
    return key;
  }
}
