import type { MemberState } from '../history/final.state.js';
import { type History, type Operation, promises } from '../history/operation.js';
import { type Finding, Tally } from './finding.js';

/** What became of the rows that were created once. */
export interface UniqueOutcome {
  /** Rows that were acknowledged, or shown by a `session` or `leader` read, and are not there at the end. */
  readonly lost: Finding;
  /** When the oldest of the lost rows that were acknowledged was acknowledged; undefined when there is none. */
  readonly lostSinceMs: number | undefined;
  /** Rows that certainly failed, or that nobody created, and that are there at the end or were shown by any read. */
  readonly ghosts: Finding;
  /** Rows whose outcome is unknown and that are there at the end. That is allowed. */
  readonly unknownPresent: number;
  /** Rows beyond the first under one key, whatever the outcome. */
  readonly duplicates: Finding;
}

/**
 * Compares the rows that clients created with those on the leader at the end. A key that was sent more than once (a repeated
 * request) is acknowledged if one attempt was, and failed only if all attempts failed. A row that a `session` or `leader` read
 * showed must be there like one that was acknowledged: a client has seen it.
 */
export function checkUniques(history: History, { unique }: MemberState): UniqueOutcome {
  const told = new Map<string, Operation['outcome']>();
  const acknowledgedMs = new Map<string, number>();
  /** Keys that any read showed, and whether one of those reads was a `session` or `leader` read. */
  const shown = new Map<string, boolean>();
  for (const operation of history) {
    const { row, action, key, value, outcome, endedMs } = operation;
    if (row !== 'unique') continue;
    if (action === 'read') {
      if (outcome === 'ok' && (value ?? 0) > 0) shown.set(key, shown.get(key) === true || promises(operation));
      continue;
    }
    if (outcome === 'ok' && !acknowledgedMs.has(key)) acknowledgedMs.set(key, endedMs);
    const before = told.get(key);
    if (before === undefined || (outcome !== 'failed' && before !== 'ok')) told.set(key, outcome);
  }
  const lost = new Tally();
  const ghosts = new Tally();
  const duplicates = new Tally();
  let unknownPresent = 0;
  let lostSinceMs: number | undefined;
  for (const [key, outcome] of told) {
    const count = unique.get(key) ?? 0;
    if (outcome === 'failed') {
      if (count > 0 || shown.has(key)) ghosts.add(() => `${key} failed and ${count > 0 ? 'is there' : 'was read'}`);
    } else if (count === 0 && (outcome === 'ok' || shown.get(key) === true)) {
      lost.add(() => `${key} was ${outcome === 'ok' ? 'acknowledged' : 'read'} and is not there`);
      const atMs = acknowledgedMs.get(key);
      if (atMs !== undefined) lostSinceMs = Math.min(lostSinceMs ?? atMs, atMs);
    }
    if (outcome === 'unknown' && count > 0) unknownPresent += 1;
    if (count > 1) duplicates.add(() => `${key} is there ${count} times`, count - 1);
  }
  for (const key of new Set([...unique.keys(), ...shown.keys()])) {
    if (!told.has(key)) ghosts.add(() => `${key} ${unique.has(key) ? 'is there' : 'was read'} and nobody created it`);
  }
  return { lost, lostSinceMs, ghosts, unknownPresent, duplicates };
}
