import type { MemberState } from '../history/final.state.js';
import type { History } from '../history/operation.js';
import { type Finding, Tally } from './finding.js';
import { registerWrites, unwritten } from './register.writes.js';

/** What became of the writes to shared rows. */
export interface UpdateOutcome {
  /** Acknowledged additions that a counter lacks, in what was added; registers whose last value was surpassed. */
  readonly lost: Finding;
  /** What a counter has beyond all that can have been added: applied twice. */
  readonly excess: Finding;
  /** Additions that certainly failed and are in; registers whose value certainly failed, or that nobody wrote. */
  readonly ghosts: Finding;
}

interface Counter {
  acknowledged: number;
  unknown: number;
  failed: number;
  /** Values returned more than once: two additions did not see each other. */
  readonly returned: Set<number>;
  collisions: number;
}

/** Compares shared rows at the end with what was acknowledged; what was not answered is slack. */
export function checkUpdates(history: History, leader: MemberState): UpdateOutcome {
  const lost = new Tally();
  const excess = new Tally();
  const ghosts = new Tally();
  for (const [key, { acknowledged, unknown, failed, collisions }] of countersOf(history)) {
    const final = leader.shared.get(key) ?? 0;
    // A loss at a failover shows twice, in the sum and in a returned value that comes again: it is one.
    const missing = Math.max(acknowledged - final, collisions);
    const found = () =>
      `${key} is ${final}, acknowledged ${acknowledged}, unknown ${unknown}, collisions ${collisions}`;
    if (missing > 0) lost.add(found, missing);
    const surplus = final - acknowledged - unknown;
    if (surplus <= 0) continue;
    if (failed > 0) ghosts.add(found, Math.min(surplus, failed));
    if (surplus > failed) excess.add(found, surplus - failed);
  }
  checkRegisters(history, leader, lost, ghosts);
  return { lost, excess, ghosts };
}

function countersOf(history: History): Map<string, Counter> {
  const counters = new Map<string, Counter>();
  for (const { row, action, key, value, returned, outcome, replayed } of history) {
    if (row !== 'counter' || action !== 'write') continue;
    let counter = counters.get(key);
    if (counter === undefined) {
      counters.set(key, (counter = { acknowledged: 0, unknown: 0, failed: 0, returned: new Set(), collisions: 0 }));
    }
    counter[outcome === 'ok' ? 'acknowledged' : outcome] += value ?? 0;
    if (outcome !== 'ok' || returned === undefined || replayed === true || (value ?? 0) === 0) continue;
    if (counter.returned.has(returned)) counter.collisions += 1;
    counter.returned.add(returned);
  }
  return counters;
}

function checkRegisters(history: History, leader: MemberState, lost: Tally, ghosts: Tally): void {
  for (const [key, writes] of registerWrites(history, () => false)) {
    const value = leader.shared.get(key);
    const final = value === undefined ? unwritten : writes.get(value);
    if (final === undefined || final.failed) {
      ghosts.add(() => `${key} is ${value}, which ${final === undefined ? 'nobody wrote' : 'failed'}`);
      continue;
    }
    for (const [newer, write] of writes) {
      // Finite: acknowledged.
      if (!Number.isFinite(write.endedMs) || write.invokedMs <= final.endedMs) continue;
      lost.add(() => `${key} is ${value}, although ${newer} was acknowledged later`);
      break;
    }
  }
}
