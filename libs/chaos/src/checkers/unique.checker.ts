import type { MemberState } from '../history/final.state.js';
import { type History, type Operation, promises } from '../history/operation.js';
import { type Finding, Tally } from './finding.js';

/** What became of the rows that were created once. */
export interface UniqueOutcome {
  /** Acknowledged, or shown by a read that promises something, and not there. */
  readonly lost: Finding;
  /** Certainly not committed, by every answer it got, or never sent, and there or shown by any read. */
  readonly ghosts: Finding;
  /** Never answered, and there. Allowed: nobody was told anything. */
  readonly unknownPresent: number;
  /** Rows beyond the first of one key, whatever the answer was. */
  readonly duplicates: Finding;
}

/**
 * Compares what was created with what is on the leader at the end. A key sent more than once (a client that repeats a request)
 * is acknowledged when one attempt was, and failed only when all were. A `session` or `leader` read that showed the row binds
 * like an acknowledgement, for somebody was told; the rows at the end are what every session would be shown next.
 */
export function checkUniques(history: History, { unique }: MemberState): UniqueOutcome {
  const told = new Map<string, Operation['outcome']>();
  /** By key whether one of the reads that showed it promised something. */
  const shown = new Map<string, boolean>();
  for (const operation of history) {
    const { row, action, key, value, outcome } = operation;
    if (row !== 'unique') continue;
    if (action === 'read') {
      if (outcome === 'ok' && (value ?? 0) > 0) shown.set(key, shown.get(key) === true || promises(operation));
      continue;
    }
    const before = told.get(key);
    if (before === undefined || (outcome !== 'failed' && before !== 'ok')) told.set(key, outcome);
  }
  const lost = new Tally();
  const ghosts = new Tally();
  const duplicates = new Tally();
  let unknownPresent = 0;
  for (const [key, outcome] of told) {
    const count = unique.get(key) ?? 0;
    if (outcome === 'failed') {
      if (count > 0 || shown.has(key)) ghosts.add(() => `${key} failed and ${count > 0 ? 'is there' : 'was read'}`);
    } else if (count === 0 && (outcome === 'ok' || shown.get(key) === true)) {
      lost.add(() => `${key} was ${outcome === 'ok' ? 'acknowledged' : 'read'} and is not there`);
    }
    if (outcome === 'unknown' && count > 0) unknownPresent += 1;
    if (count > 1) duplicates.add(() => `${key} is there ${count} times`, count - 1);
  }
  for (const key of new Set([...unique.keys(), ...shown.keys()])) {
    if (!told.has(key)) ghosts.add(() => `${key} ${unique.has(key) ? 'is there' : 'was read'} and nobody created it`);
  }
  return { lost, ghosts, unknownPresent, duplicates };
}
