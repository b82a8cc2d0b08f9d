import type { StopwatchView } from '../../../../libs/live/src/protocol.js';

/**
 * Measures, while the load runs, what `longestGap` of the checkers finds in the history afterwards: the longest time between two
 * successes that reaches beyond the fault.
 */
export class GapStopwatch {
  private lastSuccessMs: number | undefined;
  private faultMs = Number.POSITIVE_INFINITY;
  private longestMs: number | undefined;

  /** The fault was injected. Gaps that ended before it count no more. */
  begin(faultMs: number): void {
    this.faultMs = faultMs;
    this.longestMs = undefined;
  }

  /** An operation has succeeded. */
  success(atMs: number): void {
    const gapMs = atMs - (this.lastSuccessMs ?? atMs);
    if (atMs > this.faultMs) this.longestMs = Math.max(this.longestMs ?? 0, gapMs);
    this.lastSuccessMs = Math.max(this.lastSuccessMs ?? atMs, atMs);
  }

  view(nowMs: number): StopwatchView {
    if (nowMs <= this.faultMs) return { ms: null, running: false };
    const openMs = nowMs - (this.lastSuccessMs ?? this.faultMs);
    const longestMs = this.longestMs ?? 0;
    return { ms: Math.max(openMs, longestMs), running: openMs > longestMs };
  }
}
