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
    text: 'SELECT timeline, lsn, ceiling FROM lab.position()',
  });
  return toPosition(rows[0] as PositionRow, sentAtMs);
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
    text: `SELECT p.timeline AS "@timeline", p.lsn AS "@lsn", p.ceiling AS "@ceiling", data.*
           FROM lab.position() AS p LEFT JOIN LATERAL (SELECT true AS "@found", d.* FROM (${text}) AS d) AS data ON true`,
    values: [...values],
  });
  const { '@timeline': timeline, '@lsn': lsn, '@ceiling': ceiling } = rows[0] as Positioned;
  return {
    rows: rows.filter((row) => row['@found']).map(withoutPosition),
    position: toPosition({ timeline, lsn, ceiling }, sentAtMs),
  };
}

/** What {@link queryWithPosition} adds to each row. A statement without rows gives one that is not `@found`. */
interface Positioned {
  readonly '@timeline': number | null;
  readonly '@lsn': string;
  readonly '@ceiling': string;
  readonly '@found': boolean | null;
}

function withoutPosition<Row extends object>(row: Row & Positioned): Row {
  const { '@timeline': _timeline, '@lsn': _lsn, '@ceiling': _ceiling, '@found': _found, ...data } = row;
  return data as unknown as Row;
}

function toPosition({ timeline, lsn, ceiling }: PositionRow, sentAtMs: number): NodePosition {
  return { timeline, lsn: parseLsn(lsn), ceiling: parseLsn(ceiling), sentAtMs };
}
