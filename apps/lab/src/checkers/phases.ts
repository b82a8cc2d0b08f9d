import type { History } from '../history/operation.js';
import type { RunEvent } from '../history/run.event.js';
import type { Gap } from './gap.checker.js';

/** Ms from the first fault to the first time each was seen; null if it was not. */
export interface Phases {
  readonly firstErrorMs: number | null;
  readonly lockReleasedMs: number | null;
  readonly newLockMs: number | null;
  readonly promotedMs: number | null;
  readonly haproxyDownMs: number | null;
  readonly haproxyUpMs: number | null;
  /** The acknowledged write that ended the write gap. */
  readonly firstSuccessMs: number | null;
}

/** Puts what was seen of a failover on one axis, which begins with the fault. Without one, or with several, all are null. */
export function phasesOf(history: History, events: readonly RunEvent[], writeGap: Gap | undefined): Phases {
  const [first, second] = events.filter(({ kind }) => kind === 'fault');
  const faultMs = first === undefined || second !== undefined ? Number.POSITIVE_INFINITY : first.atMs;
  let firstErrorMs = Number.POSITIVE_INFINITY;
  for (const { outcome, endedMs } of history) {
    if (outcome !== 'ok' && endedMs >= faultMs) firstErrorMs = Math.min(firstErrorMs, endedMs);
  }
  const after = (atMs: number | undefined): number | null => {
    const sinceMs = (atMs ?? Number.NaN) - faultMs;
    return Number.isFinite(sinceMs) ? sinceMs : null;
  };
  const firstAfter = (kind: RunEvent['kind']): number | null => after(firstMs(events, kind, faultMs));
  return {
    firstErrorMs: after(firstErrorMs),
    lockReleasedMs: firstAfter('lockReleased'),
    newLockMs: firstAfter('newLock'),
    promotedMs: firstAfter('promoted'),
    haproxyDownMs: firstAfter('haproxyDown'),
    haproxyUpMs: firstAfter('haproxyUp'),
    firstSuccessMs: after(writeGap?.recovered ? writeGap.toMs : undefined),
  };
}

/** When a kind of event came first, from `sinceMs` on. */
export function firstMs(
  events: readonly RunEvent[],
  kind: RunEvent['kind'],
  sinceMs = Number.NEGATIVE_INFINITY,
): number | undefined {
  let first: number | undefined;
  for (const event of events) {
    if (event.kind === kind && event.atMs >= sinceMs && event.atMs < (first ?? Number.POSITIVE_INFINITY)) {
      first = event.atMs;
    }
  }
  return first;
}
