import type { MemberState } from '../history/final.state.js';
import type { History, Operation } from '../history/operation.js';
import { type Finding, Tally } from './finding.js';
import { type RegisterWrite, type RegisterWrites, registerWrites, unwritten } from './register.writes.js';

/**
 * A value's zone lies between the first end of a read or write of it and the last start of one. A zone is forward if
 * `firstEndMs < lastStartMs`: the register then held the value during all that time. Else it is backward.
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
 * Judges each register by itself: its writes, and its `leader` reads, which alone promise linearizability.
 *
 * All values of a register are different. So it is linearizable exactly if no read ends before its write began, no two forward
 * zones overlap, and no backward zone lies within a forward one (Gibbons and Korach, Testing Shared Memories, SIAM J. Comput.
 * 26(4), 1997). The cost is one sort per register. An unknown write may have taken effect at any time after it began, or never;
 * it is left out where nobody read its value.
 *
 * The rows at the end count as one more read, after everything else: a value that a `leader` read showed must not be gone then,
 * even if its writer got no answer. PostgreSQL shows a commit to others once its wait for the standbys ended, but also when that
 * wait was cut short, or after a crash. A reader may then have seen a value that the cluster lost later: that is a violation.
 *
 * @param leader the rows at the end; `update.checker.ts` reports a last value that failed or that nobody wrote
 * @returns one violation for each value that fits into no order, and one for each read, of any consistency, of a value that
 * failed or that nobody wrote
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
    // Of the forward zones that began before this one, the one that lasts longest decides.
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
