import type { ClusterClient } from '../database/cluster.client.js';
import { parseLsn } from '../database/lsn.js';
import type { Observation } from './node.observations.js';

/**
 * A node's position in the log, as the node itself reports it: what a standby has replayed, or what the leader has flushed. A
 * snapshot taken later shows everything up to it.
 */
export interface NodePosition extends Observation {
  /** A snapshot taken earlier shows nothing above this. */
  readonly ceiling: bigint;
}

/** How PostgreSQL prints what the function `position` returns: (timeline,lsn,ceiling). */
interface PositionRow {
  readonly '@position': string;
}

/** A single statement. The name makes it a prepared one. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Asks a node for its position, in a statement of its own before the one that reads the data. In one statement the snapshot
 * would be older than the position, so the position could promise rows that the data does not show.
 */
export async function askPosition(client: ClusterClient): Promise<NodePosition> {
  const sentAtMs = performance.now();
  const { rows } = await client.query<PositionRow>({
    name: 'node-position',
    text: `SELECT ${client.functions}.position() AS "@position"`,
  });
  return parsePosition(rows[0] as PositionRow, sentAtMs);
}

function parsePosition({ '@position': text }: PositionRow, sentAtMs: number): NodePosition {
  const [timeline = '', lsn = '', ceiling = ''] = text.slice(1, -1).split(',');
  return {
    timeline: Number(timeline),
    lsn: parseLsn(lsn),
    ceiling: parseLsn(ceiling),
    sentAtMs,
  };
}
