import type { MemberState } from '../history/final.state.js';
import type { History, Operation } from '../history/operation.js';
import { type Finding, Tally } from './finding.js';
import { type RegisterWrite, type RegisterWrites, registerWrites, unwritten } from './register.writes.js';

/**
 * A value's zone: between the first moment by which it was certainly written or read and the last moment at which a
 * read or write of it was still to begin. Forward (`fromMs < toMs` in that order): the register held the value all that time.
 */
interface Zone {
  readonly value: number | null;
  readonly firstEndMs: number;
  readonly lastStartMs: number;
}

/** Reads of one value of one register. */
interface Reads {
  firstEndMs: number;
  lastStartMs: number;
}

/**
 * Judges each register by itself, on writes and on reads that asked for `leader`, the only ones that promise it.
 *
 * All values of a register being different, it is linearizable exactly if no read ends before its write began, no two forward
 * zones overlap, and no backward zone lies within a forward one (Gibbons and Korach, Testing Shared Memories, SIAM J. Comput.
 * 26(4), 1997). Near-linear: one sort a register. Unknown writes may have taken effect at any time after they began, or never;
 * those nobody read are left out.
 *
 * The rows at the end are one more read, after everything: what a `leader` read showed must not be gone then, though its writer
 * was never answered. PostgreSQL shows a commit to others once its wait for the standbys ended, but also when that wait was cut
 * short, or after a crash: a reader was told then what the cluster could still lose, and where it did, that is a violation.
 *
 * @param leader the rows at the end; of a last value that failed or nobody wrote `update.checker.ts` says so
 * @returns one for each value that cannot be put in order, and for each read, of any consistency, of a value that failed or
 * nobody wrote
 */
export function checkLinearizability(history: History, leader: MemberState): Finding {
  const violations = new Tally();
  const promised = ({ consistency }: Operation): boolean => consistency === 'leader';
  const writes = registerWrites(history, promised);
  const reads = readsOf(history, leader, writes, violations);
  for (const [key, ofKey] of writes) judge(key, zonesOf(key, ofKey, reads.get(key), violations), violations);
  return violations;
}

function readsOf(
  history: History,
  { shared }: MemberState,
  writes: RegisterWrites,
  violations: Tally,
): Map<string, Map<number | null, Reads>> {
  const reads = new Map<string, Map<number | null, Reads>>();
  const writeOf = (key: string, value: number | null) => (value === null ? unwritten : writes.get(key)?.get(value));
  const add = (key: string, value: number | null, invokedMs: number, endedMs: number): void => {
    let ofKey = reads.get(key);
    if (ofKey === undefined) reads.set(key, (ofKey = new Map()));
    const known = ofKey.get(value);
    if (known === undefined) ofKey.set(value, { firstEndMs: endedMs, lastStartMs: invokedMs });
    else {
      known.firstEndMs = Math.min(known.firstEndMs, endedMs);
      known.lastStartMs = Math.max(known.lastStartMs, invokedMs);
    }
  };
  for (const { id, row, action, key, value = null, outcome, consistency, invokedMs, endedMs } of history) {
    if (row !== 'register' || action !== 'read' || outcome !== 'ok') continue;
    const write = writeOf(key, value);
    if (write === undefined || write.failed) {
      violations.add(() => `operation ${id} read ${value} of ${key}, which ${write ? 'failed' : 'nobody wrote'}`);
      continue;
    }
    if (consistency === 'leader') add(key, value, invokedMs, endedMs);
  }
  for (const key of writes.keys()) {
    const value = shared.get(key) ?? null;
    if (writeOf(key, value)?.failed === false) add(key, value, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  }
  return reads;
}

function zonesOf(
  key: string,
  writes: ReadonlyMap<number, RegisterWrite>,
  reads: ReadonlyMap<number | null, Reads> | undefined,
  violations: Tally,
): Zone[] {
  const zones: Zone[] = [];
  const add = (value: number | null, { invokedMs, endedMs, failed }: RegisterWrite): void => {
    const seen = reads?.get(value);
    if (seen === undefined && (failed || !Number.isFinite(endedMs))) return;
    if (seen !== undefined && seen.firstEndMs < invokedMs) {
      violations.add(() => `${value} of ${key} was read before it was written`);
    }
    zones.push({
      value,
      firstEndMs: Math.min(endedMs, seen?.firstEndMs ?? endedMs),
      lastStartMs: Math.max(invokedMs, seen?.lastStartMs ?? invokedMs),
    });
  };
  for (const [value, write] of writes) add(value, write);
  if (reads?.has(null)) add(null, unwritten);
  return zones;
}

function judge(key: string, zones: readonly Zone[], violations: Tally): void {
  const forward = zones.filter(({ firstEndMs, lastStartMs }) => firstEndMs < lastStartMs);
  forward.sort((a, b) => a.firstEndMs - b.firstEndMs);
  const backward = zones.filter(({ firstEndMs, lastStartMs }) => firstEndMs >= lastStartMs);
  backward.sort((a, b) => a.lastStartMs - b.lastStartMs);

  let held: Zone | undefined;
  let next = 0;
  for (const zone of backward) {
    // The forward zones that began before this one, of which the one that lasts longest decides.
    for (let begun = forward[next]; begun && begun.firstEndMs < zone.lastStartMs; begun = forward[++next]) {
      held = longer(held, begun);
    }
    const within = held;
    if (within !== undefined && zone.firstEndMs < within.lastStartMs) {
      violations.add(() => `${key} was ${within.value} all the time in which it must have been ${zone.value}`);
    }
  }
  held = undefined;
  for (const zone of forward) {
    const overlapped = held;
    if (overlapped !== undefined && zone.firstEndMs < overlapped.lastStartMs) {
      violations.add(() => `${key} was ${overlapped.value} and ${zone.value} at once`);
    }
    held = longer(held, zone);
  }
}

const longer = (a: Zone | undefined, b: Zone): Zone => (a === undefined || b.lastStartMs > a.lastStartMs ? b : a);
