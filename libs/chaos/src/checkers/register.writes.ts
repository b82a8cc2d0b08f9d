import type { History, Operation } from '../history/operation.js';

/** When one value of a register can have been written. */
export interface RegisterWrite {
  readonly invokedMs: number;
  /** From when on the value was certainly written; infinite where nobody knows that it was. */
  readonly endedMs: number;
  /** Whether every attempt to write it certainly failed. */
  readonly failed: boolean;
}

/** Writes by key and value. A value that was sent more than once (a repeated request) is one write, begun by the first request. */
export type RegisterWrites = ReadonlyMap<string, ReadonlyMap<number, RegisterWrite>>;

/** The state before any write. */
export const unwritten: RegisterWrite = {
  invokedMs: Number.NEGATIVE_INFINITY,
  endedMs: Number.NEGATIVE_INFINITY,
  failed: false,
};

/**
 * Indexes the writes of all registers.
 *
 * @param seenBy which reads may bound an unknown write: a value that was read was written before that read ended
 */
export function registerWrites(history: History, seenBy: (read: Operation) => boolean): RegisterWrites {
  const writes = new Map<string, Map<number, RegisterWrite>>();
  const narrow = (key: string, value: number, part: RegisterWrite): void => {
    let ofKey = writes.get(key);
    if (ofKey === undefined) writes.set(key, (ofKey = new Map()));
    const known = ofKey.get(value);
    ofKey.set(
      value,
      known === undefined
        ? part
        : {
            invokedMs: Math.min(known.invokedMs, part.invokedMs),
            endedMs: Math.min(known.endedMs, part.endedMs),
            failed: known.failed && part.failed,
          },
    );
  };
  for (const { row, action, key, value, outcome, invokedMs, endedMs } of history) {
    if (row !== 'register' || action !== 'write' || value === undefined || value === null) continue;
    narrow(key, value, {
      invokedMs,
      endedMs: outcome === 'ok' ? endedMs : Number.POSITIVE_INFINITY,
      failed: outcome === 'failed',
    });
  }
  for (const read of history) {
    const { row, action, key, value, outcome, endedMs } = read;
    if (row !== 'register' || action !== 'read' || outcome !== 'ok' || value === undefined || value === null) continue;
    const known = writes.get(key)?.get(value);
    if (known !== undefined && seenBy(read)) narrow(key, value, { ...known, endedMs });
  }
  return writes;
}
