import type { Snapshot, StopwatchView } from '../../../../libs/live/src/protocol.js';

/** One stopwatch, with the moment when it was read. */
export interface Reading extends StopwatchView {
  /** On the clock of `performance.now()`. */
  readonly readAtMs: number;
}

/** Whose successes are timed. */
export const channels = ['sql', 'http'] as const;
/** What they ask for. */
export const actions = ['write', 'read'] as const;
/** See {@link channels}. */
export type Channel = (typeof channels)[number];
/** See {@link actions}. */
export type Action = (typeof actions)[number];
/** All stopwatches. */
export type Readings = Readonly<Record<Channel, Readonly<Record<Action, Reading>>>>;

const unread: Reading = { ms: null, running: false, readAtMs: 0 };
/** Before the first snapshot. */
export const noReadings: Readings = { sql: { write: unread, read: unread }, http: { write: unread, read: unread } };

/** How far the page runs ahead of the last reading. Beyond it nobody knows whether the clock still runs. */
const mostAheadMs = 1_000;

/**
 * The readings of a snapshot. Where it has none, the clocks stand where they were, so that the last run can still be read; they are
 * empty again when the next one begins.
 */
export function nextReadings(
  readings: Readings,
  { client, activity }: Pick<Snapshot, 'client' | 'activity'>,
  readAtMs: number,
): Readings {
  const next = (channel: Channel, action: Action): Reading => {
    const gap = client?.gaps[channel][action] ?? unread;
    const keep = gap.ms === null && activity.kind !== 'run';
    return keep ? { ...readings[channel][action], running: false } : { ...gap, readAtMs };
  };
  return {
    sql: { write: next('sql', 'write'), read: next('sql', 'read') },
    http: { write: next('http', 'write'), read: next('http', 'read') },
  };
}

/** What a clock shows at `nowMs`, between two readings. */
export function shownMs({ ms, running, readAtMs }: Reading, nowMs: number): number | null {
  return ms === null || !running ? ms : ms + Math.min(Math.max(0, nowMs - readAtMs), mostAheadMs);
}
