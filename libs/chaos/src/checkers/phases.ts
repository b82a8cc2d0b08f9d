import type { History } from '../history/operation.js';
import type { RunEvent } from '../history/run.event.js';
import type { Gap } from './gap.checker.js';

/** A write gap counts as an outage if it is more than so many times as long as the longest gap before the fault. */
const outageFactor = 2;

/** Milliseconds from the fault to the first time that each was seen; null if it was not seen. */
export interface Phases {
  readonly firstErrorMs: number | null;
  readonly lockReleasedMs: number | null;
  /** When the lock was taken: by the member that was promoted last, or, where nobody was promoted, for the first time. */
  readonly newLockMs: number | null;
  /** The last promotion. */
  readonly promotedMs: number | null;
  readonly haproxyDownMs: number | null;
  /** When HAProxy saw that member up; chosen as {@link newLockMs}. */
  readonly haproxyUpMs: number | null;
  /** The acknowledged write that ended the write gap; null where the gap was no outage. */
  readonly firstSuccessMs: number | null;
}

/** The longest write gap after the fault, and the longest that had ended before it. */
export interface WriteGaps {
  readonly before: Gap | undefined;
  readonly after: Gap | undefined;
}

/** When each phase of a failover was seen, counted from the fault. In a run without a fault, or with several, all are null. */
export function phasesOf(history: History, events: readonly RunEvent[], writeGap: WriteGaps): Phases {
  const faultMs = onlyFaultMs(events) ?? Number.POSITIVE_INFINITY;
  let firstErrorMs = Number.POSITIVE_INFINITY;
  for (const { outcome, endedMs } of history) {
    if (outcome !== 'ok' && endedMs >= faultMs) firstErrorMs = Math.min(firstErrorMs, endedMs);
  }
  const after = (atMs: number | undefined): number | null => {
    const sinceMs = (atMs ?? Number.NaN) - faultMs;
    return Number.isFinite(sinceMs) ? sinceMs : null;
  };
  const firstAfter = (kind: RunEvent['kind']): number | null => after(firstMs(events, kind, faultMs));
  const promotions = events.filter(({ kind, atMs }) => kind === 'promoted' && atMs >= faultMs);
  promotions.sort((a, b) => a.atMs - b.atMs);
  const [earlier, promotion] = [promotions.at(-2), promotions.at(-1)];
  const ofPromoted = (kind: RunEvent['kind']): number | null => {
    if (promotion === undefined) return firstAfter(kind);
    const its = events.filter(({ member }) => member === promotion.member);
    return after(firstMs(its, kind, earlier?.atMs ?? faultMs));
  };
  const wasOutage = (writeGap.after?.gapMs ?? 0) > outageFactor * (writeGap.before?.gapMs ?? 0);
  return {
    firstErrorMs: after(firstErrorMs),
    lockReleasedMs: firstAfter('lockReleased'),
    newLockMs: ofPromoted('newLock'),
    promotedMs: after(promotion?.atMs),
    haproxyDownMs: firstAfter('haproxyDown'),
    haproxyUpMs: ofPromoted('haproxyUp'),
    firstSuccessMs: after(wasOutage && writeGap.after?.recovered ? writeGap.after.toMs : undefined),
  };
}

/** When the only fault of a run began; undefined where there was none, or several, as in a soak. */
export function onlyFaultMs(events: readonly RunEvent[]): number | undefined {
  const [first, second] = events.filter(({ kind }) => kind === 'fault');
  return second === undefined ? first?.atMs : undefined;
}

/** The time of the first event of a kind, from `sinceMs` on. */
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
