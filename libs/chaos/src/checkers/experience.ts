import { gapsOf, type RunRecord } from './check.js';
import type { Operation } from '../history/operation.js';

/** What the clients of the service lived through in one part of a run. */
export interface Experience {
  readonly requests: readonly Operation[];
  readonly failed: readonly Operation[];
  /** Longest time without an acknowledged write; null where no write was attempted, which proves nothing. */
  readonly writeGapMs: number | null;
  /** Longest time without an answered read that a replica may answer; null where none was attempted. */
  readonly readGapMs: number | null;
  readonly longestRequestMs: number;
}

/**
 * What they lived through from one fault to the next, for runs that inject several under one load.
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
    longestRequestMs: requests.reduce((longest, { invokedMs, endedMs }) => Math.max(longest, endedMs - invokedMs), 0),
  };
}
