import { type History, type Operation, promises } from '../history/operation.js';
import { type Finding, named, Tally } from './finding.js';
import type { RowOrder } from './row.order.js';

/** Promises to sessions that were broken. */
export interface SessionOutcome {
  /** Reads that did not show what their session had been told was written. */
  readonly readYourWrites: Finding;
  /** Reads that showed an older state than an earlier read of their session. */
  readonly monotonicReads: Finding;
}

/** What a session knows of one row, so that a read must not show less. */
interface Floors {
  written: number;
  seen: number;
  /** Of a register: the value that the session met last, read or written, and when it first met it. */
  last?: { readonly value: number | null; readonly endedMs: number };
  /** Of a register: values after which the session met another one. */
  left?: Set<number | null>;
}

/**
 * Judges the reads that asked for `session` or `leader`; the others promise nothing, and what they showed binds no later read.
 * A read is judged by the operations of its session that had ended when it was sent: those under way bind nothing.
 *
 * A register has each value once. A session that met one value and then another must not meet the first again, even where the
 * two writes overlapped and nobody else can tell which came first.
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

/**
 * Notes that the session met a value. The one met last moves to `left` if the session had certainly met it before. A value that
 * comes back changes nothing here: it is a violation.
 */
function meet(floors: Floors, { value = null, invokedMs, endedMs }: Operation): void {
  const { last, left } = floors;
  if (last?.value === value || left?.has(value) === true) return;
  if (last !== undefined && last.endedMs <= invokedMs) (floors.left ??= new Set()).add(last.value);
  floors.last = { value, endedMs };
}
