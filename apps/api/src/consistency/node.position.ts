import type { ClusterClient } from '../database/cluster.client.js';
import { parseLsn } from '../database/lsn.js';

/** Where a node stands in the log, by its own account. */
export interface NodePosition {
  /** Null on a standby that receives from nobody: it cannot tell. */
  readonly timeline: number | null;
  /** Replayed on a standby, flushed on the leader: a snapshot taken later sees all of it. */
  readonly lsn: bigint;
  /** No snapshot taken earlier saw more than this. */
  readonly ceiling: bigint;
  readonly sentAtMs: number;
}

interface PositionRow {
  readonly timeline: number | null;
  readonly lsn: string;
  readonly ceiling: string;
}

/**
 * Asks a node for its position: one prepared statement, never part of the statement whose data it vouches for. In one
 * statement the snapshot would be older than the check, and the check could say yes to rows the data does not show.
 */
export async function askPosition(client: ClusterClient): Promise<NodePosition> {
  const sentAtMs = performance.now();
  const { rows } = await client.query<PositionRow>({
    name: 'node-position',
    text: 'SELECT timeline, lsn, ceiling FROM lab.position()',
  });
  const row = rows[0] as PositionRow;
  return { timeline: row.timeline, lsn: parseLsn(row.lsn), ceiling: parseLsn(row.ceiling), sentAtMs };
}
