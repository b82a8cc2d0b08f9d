import type { ClusterClient } from '../database/cluster.client.js';
import { parseLsn } from '../database/lsn.js';
import type { Observation } from './node.observations.js';

/**
 * Where a node stands in the log, by its own account: replayed on a standby, flushed on the leader. A snapshot taken later
 * sees all of it.
 */
export interface NodePosition extends Observation {
  /** No snapshot taken earlier saw more than this. */
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
 * Asks a node for its position, to know whether data read after it will do: a statement of its own, before theirs. In one
 * statement the snapshot would be older than the check, and the check could say yes to rows the data does not show.
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
