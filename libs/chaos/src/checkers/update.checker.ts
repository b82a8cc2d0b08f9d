import type { MemberState } from '../history/final.state.js';
import { type History, promises } from '../history/operation.js';
import { type Finding, Tally } from './finding.js';
import { registerWrites, unwritten } from './register.writes.js';

/** What became of the writes to shared rows. */
export interface UpdateOutcome {
  /** Amounts that counters lack of what was acknowledged or shown; registers that hold a value older than an acknowledged one. */
  readonly lost: Finding;
  /** Amounts by which counters are, or once were shown, above all that can have been added: applied twice. */
  readonly excess: Finding;
  /** Additions that certainly failed and are there; registers that hold a value that certainly failed, or that nobody wrote. */
  readonly ghosts: Finding;
}

interface Counter {
  acknowledged: number;
  unknown: number;
  failed: number;
  /** The values that additions returned. */
  readonly returned: Set<number>;
  /** How often a value was returned again: two additions did not see each other. */
  collisions: number;
  /** The highest value that an acknowledged addition returned, or a `session` or `leader` read showed: the end must reach it. */
  told: number;
  /** The highest value that any read or addition showed. */
  shown: number;
}

/**
 * Compares the shared rows at the end with the writes that were acknowledged; a write of unknown outcome may be there or not.
 * A counter only grows, so it must not end below a value that an acknowledged addition returned, or that a `session` or `leader`
 * read showed, even where that value contains additions of unknown outcome. `eventual` and `replica` reads bind nothing.
 */
export function checkUpdates(history: History, leader: MemberState): UpdateOutcome {
  const lost = new Tally();
  const excess = new Tally();
  const ghosts = new Tally();
  for (const [key, counter] of countersOf(history)) {
    const { acknowledged, unknown, failed, collisions, told, shown } = counter;
    const final = leader.shared.get(key) ?? 0;
    // One lost addition shows in the sum, in a value returned twice, and in a value not reached any more: the largest counts.
    const missing = Math.max(acknowledged - final, collisions, told - final);
    const found = () =>
      `${key} is ${final}, acknowledged ${acknowledged}, unknown ${unknown}, collisions ${collisions}, shown ${shown}`;
    if (missing > 0) lost.add(found, missing);
    const surplus = Math.max(final, shown) - acknowledged - unknown;
    if (surplus <= 0) continue;
    if (failed > 0) ghosts.add(found, Math.min(surplus, failed));
    if (surplus > failed) excess.add(found, surplus - failed);
  }
  checkRegisters(history, leader, lost, ghosts);
  return { lost, excess, ghosts };
}

function countersOf(history: History): Map<string, Counter> {
  const counters = new Map<string, Counter>();
  const none = { acknowledged: 0, unknown: 0, failed: 0, collisions: 0, told: 0, shown: 0 };
  for (const operation of history) {
    const { row, action, key, value, returned, outcome, replayed } = operation;
    if (row !== 'counter') continue;
    let counter = counters.get(key);
    if (counter === undefined) counters.set(key, (counter = { ...none, returned: new Set() }));
    const isRead = action === 'read';
    const seen = outcome === 'ok' ? ((isRead ? value : returned) ?? 0) : 0;
    counter.shown = Math.max(counter.shown, seen);
    if (!isRead || promises(operation)) counter.told = Math.max(counter.told, seen);
    if (isRead) continue;
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
      const acknowledged = Number.isFinite(write.endedMs);
      if (!acknowledged || write.invokedMs <= final.endedMs) continue;
      lost.add(() => `${key} is ${value}, although ${newer} was acknowledged later`);
      break;
    }
  }
}
