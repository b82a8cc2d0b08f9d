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

/** How PostgreSQL prints what lab.position() returns: (timeline,lsn,ceiling), the first empty for null. */
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
    text: 'SELECT lab.position() AS "@position"',
  });
  return parsePosition(rows[0] as PositionRow, sentAtMs);
}

/**
 * Runs a statement and asks, in the same one, how much it can have seen. Here the order is right: the snapshot is taken
 * before the position is, so nothing the rows show lies above its ceiling.
 */
export async function queryWithPosition<Row extends object>(
  client: ClusterClient,
  { name, text, values }: Statement,
): Promise<{ readonly rows: Row[]; readonly position: NodePosition }> {
  const sentAtMs = performance.now();
  const { rows } = await client.query<Row & Positioned>({
    name: `${name}@position`,
    text: `SELECT lab.position() AS "@position", data.* FROM (VALUES (1)) AS one
           LEFT JOIN LATERAL (SELECT true AS "@found", d.* FROM (${text}) AS d) AS data ON true`,
    values: [...values],
  });
  const position = parsePosition(rows[0] as Positioned, sentAtMs);
  return { rows: rows.filter((row) => row['@found']).map(withoutPosition), position };
}

/** What {@link queryWithPosition} adds to each row. A statement without rows gives one that is not `@found`. */
interface Positioned extends PositionRow {
  readonly '@found': boolean | null;
}

function withoutPosition<Row extends object>(row: Row & Positioned): Row {
  const { '@position': _position, '@found': _found, ...data } = row;
  return data as unknown as Row;
}

function parsePosition({ '@position': text }: PositionRow, sentAtMs: number): NodePosition {
  const [timeline = '', lsn = '', ceiling = ''] = text.slice(1, -1).split(',');
  return {
    timeline: timeline === '' ? null : Number(timeline),
    lsn: parseLsn(lsn),
    ceiling: parseLsn(ceiling),
    sentAtMs,
  };
}
