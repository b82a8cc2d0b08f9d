import { gapsOf, longestRequestMs, type RunRecord } from './check.js';
import type { Operation } from '../history/operation.js';

/** What the clients of the service saw in one part of a run. */
export interface Experience {
  readonly requests: readonly Operation[];
  readonly failed: readonly Operation[];
  /** Longest time without an acknowledged write; null where no write was attempted: then there is nothing to say. */
  readonly writeGapMs: number | null;
  /** Longest time without an answered read, of the reads that a replica may answer; null where none was attempted. */
  readonly readGapMs: number | null;
  readonly longestRequestMs: number;
}

/**
 * What the clients of the service saw from one fault to the next. For runs that inject several faults under one load.
 *
 * @param name of the fault
 * @throws Error where the run has no such fault
 */
export function experienceOf({ history, events }: Pick<RunRecord, 'history' | 'events'>, name: string): Experience {
  const faults = events.filter(({ kind }) => kind === 'fault');
  const index = faults.findIndex(({ detail }) => detail === name);
  const fault = faults[index];
  if (fault === undefined) throw new Error(`no ${name} was injected`);
  const endMs = faults[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
  const part = history.filter(({ channel, invokedMs }) => channel === 'http' && invokedMs < endMs);
  const { write, read } = gapsOf(part, 'http', fault.atMs);
  const requests = part.filter(({ endedMs }) => endedMs >= fault.atMs);
  return {
    requests,
    failed: requests.filter(({ outcome }) => outcome !== 'ok'),
    writeGapMs: write?.gapMs ?? null,
    readGapMs: read?.gapMs ?? null,
    longestRequestMs: longestRequestMs(requests) ?? 0,
  };
}
