import type { History, Operation } from '../history/operation.js';
import { type RegisterWrites, registerWrites, unwritten } from './register.writes.js';
import { firstIndex } from '../numbers/sorted.js';

/**
 * Orders the states of each row, so that "older than" compares two numbers for every kind of row. The number of a state only
 * grows:
 *
 * - unique: 1 once the row is there.
 * - counter: its value. An addition proves its own amount and all that was acknowledged before it was sent.
 * - register: a time. A write is newer than every write that had ended before it was sent.
 *
 * The order of two writes is not certain where they overlapped, or where one was never answered. `lowest` and `highest` are then
 * the bounds of what is possible, so that a read counts as older only where that is certain.
 */
export interface RowOrder {
  /** Whether any operation reads the row; the others need not be followed. */
  isRead(key: string): boolean;
  /** The lowest state that the row can be in after this operation, which succeeded. */
  lowest(operation: Operation): number;
  /** The highest state that this read can have shown. */
  highest(read: Operation): number;
  /** When a state above `state` was first acknowledged; undefined if none ever was. */
  surpassedAtMs(key: string, state: number): number | undefined;
}

/** Acknowledgements of one row in the order of their times, each with the state that it had proved by then. */
interface Acknowledged {
  readonly atMs: number[];
  readonly states: number[];
}

const byEnd = (a: Operation, b: Operation): number => a.endedMs - b.endedMs;

/** Orders the states of every row that is read. */
export function rowOrderOf(history: History): RowOrder {
  const read = new Set<string>();
  for (const { action, key } of history) if (action === 'read') read.add(key);

  const registers: RegisterWrites = registerWrites(history, () => true);
  const writes: Operation[] = [];
  for (const operation of history) {
    if (operation.action === 'write' && operation.outcome === 'ok' && read.has(operation.key)) writes.push(operation);
  }
  writes.sort(byEnd);
  const sums = sumsOf(writes);

  const writeOf = ({ key, value }: Operation) =>
    typeof value === 'number' ? registers.get(key)?.get(value) : unwritten;

  const order: RowOrder = {
    isRead: (key) => read.has(key),
    lowest(operation) {
      const { row, action, key, value, returned, invokedMs } = operation;
      if (row === 'unique') return action === 'write' || (value ?? 0) > 0 ? 1 : 0;
      if (row === 'counter') {
        return action === 'read'
          ? (value ?? 0)
          : Math.max(returned ?? 0, sumAt(sums.get(key), invokedMs) + (value ?? 0));
      }
      return (action === 'write' ? invokedMs : writeOf(operation)?.invokedMs) ?? Number.NEGATIVE_INFINITY;
    },
    highest(operation) {
      const { row, value } = operation;
      if (row === 'unique') return (value ?? 0) > 0 ? 1 : 0;
      if (row === 'counter') return value ?? 0;
      return writeOf(operation)?.endedMs ?? Number.POSITIVE_INFINITY;
    },
    surpassedAtMs(key, state) {
      const of = acknowledged.get(key);
      if (of === undefined) return undefined;
      return of.atMs[firstIndex(of.states.length, (index) => of.states[index]! > state)];
    },
  };

  const acknowledged = new Map<string, Acknowledged>();
  for (const write of writes) append(acknowledged, write, Math.max, order.lowest(write));
  return order;
}

/** The sum acknowledged of each counter, by time. */
function sumsOf(writes: readonly Operation[]): ReadonlyMap<string, Acknowledged> {
  const sums = new Map<string, Acknowledged>();
  for (const write of writes) {
    if (write.row === 'counter') append(sums, write, (before, added) => before + added, write.value ?? 0);
  }
  return sums;
}

function append(
  acknowledged: Map<string, Acknowledged>,
  { key, endedMs }: Operation,
  combine: (before: number, now: number) => number,
  state: number,
): void {
  let of = acknowledged.get(key);
  if (of === undefined) acknowledged.set(key, (of = { atMs: [], states: [] }));
  const before = of.states.at(-1);
  of.atMs.push(endedMs);
  of.states.push(before === undefined ? state : combine(before, state));
}

/** The sum that was acknowledged up to a moment. */
function sumAt(of: Acknowledged | undefined, atMs: number): number {
  if (of === undefined) return 0;
  return of.states[firstIndex(of.atMs.length, (index) => of.atMs[index]! > atMs) - 1] ?? 0;
}
