import { type History, type Operation, promises } from '../history/operation.js';
import { type Finding, named, Tally } from './finding.js';
import type { RowOrder } from './row.order.js';

/** Broken promises to one session. */
export interface SessionOutcome {
  /** Reads that did not show what their session had been told was written. */
  readonly readYourWrites: Finding;
  /** Reads that showed an older state than an earlier read of their session. */
  readonly monotonicReads: Finding;
}

/** What a session must be shown of one row. */
interface Floors {
  written: number;
  seen: number;
  /** Registers: the last value it was shown or told was written, and when it first was. */
  last?: { readonly value: number | null; readonly endedMs: number };
  /** Registers: values after which it has met another. At most one an operation of the session. */
  left?: Set<number | null>;
}

/**
 * Judges reads that asked for `session` or `leader`; the others promise nothing and bind nothing. Only what had ended when the
 * read was sent binds it: operations of one session may overlap.
 *
 * A register has each value once, so a session that has met another value since can't meet the first again, even where the two
 * writes overlapped and nobody else can tell which came first.
 */
export function checkSessions(history: History, order: RowOrder): SessionOutcome {
  const readYourWrites = new Tally();
  const monotonicReads = new Tally();
  const reads: Operation[] = [];
  const binding: Operation[] = [];
  for (const operation of history) {
    if (operation.outcome !== 'ok') continue;
    const promised = promises(operation);
    if (operation.action === 'read' && promised) reads.push(operation);
    if (operation.action === 'read' ? promised : order.isRead(operation.key)) binding.push(operation);
  }
  reads.sort((a, b) => a.invokedMs - b.invokedMs);
  binding.sort((a, b) => a.endedMs - b.endedMs);

  const sessions = new Map<string, Map<string, Floors>>();
  const floorsOf = ({ session, key }: Operation): Floors => {
    let rows = sessions.get(session);
    if (rows === undefined) sessions.set(session, (rows = new Map()));
    let floors = rows.get(key);
    if (floors === undefined) {
      rows.set(key, (floors = { written: Number.NEGATIVE_INFINITY, seen: Number.NEGATIVE_INFINITY }));
    }
    return floors;
  };

  let next = 0;
  for (const read of reads) {
    for (let done = binding[next]; done !== undefined && done.endedMs <= read.invokedMs; done = binding[next]) {
      const floors = floorsOf(done);
      const state = order.lowest(done);
      if (done.action === 'write') floors.written = Math.max(floors.written, state);
      else floors.seen = Math.max(floors.seen, state);
      if (done.row === 'register') meet(floors, done);
      next += 1;
    }
    const { written, seen, left } = floorsOf(read);
    const state = order.highest(read);
    const shown = () => `${named(read)} showed ${read.value} (${read.consistency}, ${read.member ?? 'member unknown'})`;
    if (state < written) readYourWrites.add(() => `${shown()}, older than this session's own write`);
    const cameBack = read.row === 'register' && left?.has(read.value ?? null) === true && state >= written;
    if (state < seen || cameBack) monotonicReads.add(() => `${shown()}, older than this session had seen`);
  }
  return { readYourWrites, monotonicReads };
}

/** Leaves the last value behind where it was certainly met before this one. One that comes back is a violation, not a new order. */
function meet(floors: Floors, { value = null, invokedMs, endedMs }: Operation): void {
  const { last, left } = floors;
  if (last?.value === value || left?.has(value) === true) return;
  if (last !== undefined && last.endedMs <= invokedMs) (floors.left ??= new Set()).add(last.value);
  floors.last = { value, endedMs };
}
