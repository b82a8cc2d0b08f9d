import type { History, Operation } from '../history/operation.js';
import { type RegisterWrites, registerWrites, unwritten } from './register.writes.js';
import { firstIndex } from '../numbers/sorted.js';

/**
 * How far a row has come, as one number that only grows, so that "older than" is a comparison for every kind of row.
 *
 * An operation that is known to have happened sets a `floor` for what comes after it; a read shows how far it `reached`. A read
 * below a floor it must hold has certainly shown an older state. Where the order of two writes is not certain, because they
 * overlapped or one was never answered, `reached` is the highest and `floor` the lowest possible: no false alarm.
 *
 * - unique: 1 when the row is there.
 * - counter: its value; an addition counts with all that was acknowledged before it was sent.
 * - register: times. A write stands above all writes that had ended before it was sent.
 */
export interface Progress {
  /** Whether somebody reads the row, so that it needs to be followed. */
  isRead(key: string): boolean;
  floor(operation: Operation): number;
  reached(read: Operation): number;
  /** When a state above `reached` was first acknowledged; undefined if it never was. */
  surpassedAtMs(key: string, reached: number): number | undefined;
}

/** Acknowledged floors of one row, in the order of their acknowledgement, each with the highest so far. */
interface Steps {
  readonly atMs: number[];
  readonly floors: number[];
}

const ended = (a: Operation, b: Operation): number => a.endedMs - b.endedMs;

/** Follows every row that is read. */
export function progressOf(history: History): Progress {
  const read = new Set<string>();
  for (const { action, key } of history) if (action === 'read') read.add(key);

  const registers: RegisterWrites = registerWrites(history, () => true);
  const acknowledged: Operation[] = [];
  for (const operation of history) {
    if (operation.action === 'write' && operation.outcome === 'ok' && read.has(operation.key))
      acknowledged.push(operation);
  }
  acknowledged.sort(ended);
  const sums = sumsOf(acknowledged);

  const writeOf = ({ key, value }: Operation) =>
    typeof value === 'number' ? registers.get(key)?.get(value) : unwritten;

  const progress: Progress = {
    isRead: (key) => read.has(key),
    floor(operation) {
      const { row, action, key, value, returned, invokedMs } = operation;
      if (row === 'unique') return action === 'write' || (value ?? 0) > 0 ? 1 : 0;
      if (row === 'counter') {
        return action === 'read'
          ? (value ?? 0)
          : Math.max(returned ?? 0, sumAt(sums.get(key), invokedMs) + (value ?? 0));
      }
      return (action === 'write' ? invokedMs : writeOf(operation)?.invokedMs) ?? Number.NEGATIVE_INFINITY;
    },
    reached(operation) {
      const { row, value } = operation;
      if (row === 'unique') return (value ?? 0) > 0 ? 1 : 0;
      if (row === 'counter') return value ?? 0;
      return writeOf(operation)?.endedMs ?? Number.POSITIVE_INFINITY;
    },
    surpassedAtMs(key, reached) {
      const of = steps.get(key);
      if (of === undefined) return undefined;
      return of.atMs[firstIndex(of.floors.length, (index) => of.floors[index]! > reached)];
    },
  };

  const steps = new Map<string, Steps>();
  for (const operation of acknowledged) append(steps, operation, Math.max, progress.floor(operation));
  return progress;
}

/** What had been acknowledged of each counter, by time. */
function sumsOf(acknowledged: readonly Operation[]): ReadonlyMap<string, Steps> {
  const sums = new Map<string, Steps>();
  for (const operation of acknowledged) {
    if (operation.row === 'counter') append(sums, operation, (before, added) => before + added, operation.value ?? 0);
  }
  return sums;
}

function append(
  steps: Map<string, Steps>,
  { key, endedMs }: Operation,
  combine: (before: number, now: number) => number,
  floor: number,
): void {
  let of = steps.get(key);
  if (of === undefined) steps.set(key, (of = { atMs: [], floors: [] }));
  const before = of.floors.at(-1);
  of.atMs.push(endedMs);
  of.floors.push(before === undefined ? floor : combine(before, floor));
}

/** Sum of what was acknowledged up to a moment. */
function sumAt(of: Steps | undefined, atMs: number): number {
  if (of === undefined) return 0;
  return of.floors[firstIndex(of.atMs.length, (index) => of.atMs[index]! > atMs) - 1] ?? 0;
}
