import type { MemberState } from '../history/final.state.js';
import type { History, Operation } from '../history/operation.js';
import { type Finding, Tally } from './finding.js';

/** What became of the rows that were created once. */
export interface UniqueOutcome {
  /** Acknowledged and not there. */
  readonly lost: Finding;
  /** Certainly not committed, by every answer it got, or never sent, and there. */
  readonly ghosts: Finding;
  /** Never answered, and there. Allowed: nobody was told anything. */
  readonly unknownPresent: number;
  /** Rows beyond the first of one key, whatever the answer was. */
  readonly duplicates: Finding;
}

/**
 * Compares what was created with what is on the leader at the end. A key sent more than once (a client that repeats a request)
 * is acknowledged when one attempt was, and failed only when all were.
 */
export function checkUniques(history: History, { unique }: MemberState): UniqueOutcome {
  const told = new Map<string, Operation['outcome']>();
  for (const { row, action, key, outcome } of history) {
    if (row !== 'unique' || action !== 'write') continue;
    const before = told.get(key);
    if (before === undefined || (outcome !== 'failed' && before !== 'ok')) told.set(key, outcome);
  }
  const lost = new Tally();
  const ghosts = new Tally();
  const duplicates = new Tally();
  let unknownPresent = 0;
  for (const [key, outcome] of told) {
    const count = unique.get(key) ?? 0;
    if (outcome === 'ok' && count === 0) lost.add(() => `${key} was acknowledged and is not there`);
    if (outcome === 'failed' && count > 0) ghosts.add(() => `${key} failed and is there`);
    if (outcome === 'unknown' && count > 0) unknownPresent += 1;
    if (count > 1) duplicates.add(() => `${key} is there ${count} times`, count - 1);
  }
  for (const key of unique.keys()) if (!told.has(key)) ghosts.add(() => `${key} is there and nobody created it`);
  return { lost, ghosts, unknownPresent, duplicates };
}
