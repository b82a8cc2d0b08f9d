/**
 * A state of the database that someone has seen or written: a point in the write-ahead log of one timeline.
 *
 * SQL does not tell the exact end of a commit record, so the record is enclosed: its end lies above `floor` and not above
 * `ceiling`. A node that has replayed up to `ceiling` has the commit; a timeline that ended below `floor` has lost it.
 */
export interface Position {
  readonly timeline: number;
  /** Bytes since the start of the log. */
  readonly floor: bigint;
  /** Bytes since the start of the log, never below `floor`. */
  readonly ceiling: bigint;
  /** It contains a write that was acknowledged before any standby had it. Such a write above a switch point counts as lost. */
  readonly asynchronous: boolean;
  /** It contains a write whose position is not known. Only the leader is certain to show that write. */
  readonly leaderOnly: boolean;
}

/**
 * The smallest position that contains both. Commutative, associative and idempotent, so it does not matter in which
 * order a client's answers arrive.
 *
 * Of positions on two timelines only the later one counts, for it lies behind the switch. Whether the earlier position survived
 * the switch is judged before the two are merged (see `judge`).
 */
export function merge(a: Position, b: Position): Position {
  const leaderOnly = a.leaderOnly || b.leaderOnly;
  if (a.timeline !== b.timeline) return { ...(a.timeline > b.timeline ? a : b), leaderOnly };
  return {
    timeline: a.timeline,
    floor: a.floor > b.floor ? a.floor : b.floor,
    ceiling: a.ceiling > b.ceiling ? a.ceiling : b.ceiling,
    asynchronous: a.asynchronous || b.asynchronous,
    leaderOnly,
  };
}

/** A position that a read asks for although no client has seen it. It cannot count as lost. */
export function unclaimed({ timeline, lsn }: Replayed): Position {
  return { timeline, floor: 0n, ceiling: lsn, asynchronous: false, leaderOnly: false };
}

/** Where each past timeline ended: timeline to switch LSN. The current timeline comes after the last key. */
export type Lineage = ReadonlyMap<number, bigint>;

/** What a node has replayed or, on the leader, flushed. */
export interface Replayed {
  readonly timeline: number;
  readonly lsn: bigint;
}

/**
 * - `holds`: a read there sees the position.
 * - `behind`: not yet, or the node is on an older timeline.
 * - `lost`: no node will ever show it again; an acknowledged write is gone.
 * - `unknown`: the lineage does not reach from the position's timeline to the node's.
 */
export type Standing = 'holds' | 'behind' | 'lost' | 'unknown';

/**
 * Compares a position with what a node has replayed, across timelines.
 *
 * LSNs compare within one line of descent only: behind a switch the new timeline counts on from the switch point, and a
 * larger number says nothing about the rows of the old one.
 */
export function judge(position: Position, replayed: Replayed, lineage: Lineage): Standing {
  if (replayed.timeline < position.timeline) return 'behind';
  if (replayed.timeline === position.timeline) return replayed.lsn >= position.ceiling ? 'holds' : 'behind';
  const switchLsn = lineage.get(position.timeline);
  if (switchLsn === undefined) {
    // A lineage that reaches the node's timeline without passing the position's: that branch was abandoned.
    return lineage.has(replayed.timeline - 1) ? 'lost' : 'unknown';
  }
  if (position.floor > switchLsn) return 'lost';
  if (position.ceiling > switchLsn && position.asynchronous) return 'lost';
  const needed = position.ceiling < switchLsn ? position.ceiling : switchLsn;
  return replayed.lsn >= needed ? 'holds' : 'behind';
}
