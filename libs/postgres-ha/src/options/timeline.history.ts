/** Where a past timeline ended. */
export interface EndedTimeline {
  readonly timeline: number;
  /** Position of the switch, in bytes since the start of the log. */
  readonly lsn: bigint;
}

/** Knows the history of the cluster's timelines, as Patroni does (`GET /history`). */
export interface TimelineHistory {
  /** Every timeline that has ended. Has a timeout of its own; rejects when no source can tell. */
  endedTimelines(): Promise<readonly EndedTimeline[]>;
}
