import type { History, Operation } from '../history/operation.js';
import { sorted } from '../numbers/sorted.js';

/** The longest time without a success. */
export interface Gap {
  readonly gapMs: number;
  readonly fromMs: number;
  /** The success that ended it, or the last attempt where none came any more. */
  readonly toMs: number;
  /** A success ended it. */
  readonly recovered: boolean;
}

/**
 * Longest time between two consecutive successes of some operations, as its clients saw them end, of those gaps that touch the
 * time from `faultMs` on. It begins at the first attempt where nothing succeeded before, and ends at the last attempt where
 * nothing succeeded after: a service that never came back has a gap, too.
 *
 * @returns undefined where none of them was attempted after `faultMs`
 */
export function longestGap(
  history: History,
  of: (operation: Operation) => boolean,
  faultMs = Number.NEGATIVE_INFINITY,
): Gap | undefined {
  const successes: number[] = [];
  let firstAttemptMs = Number.POSITIVE_INFINITY;
  let lastAttemptMs = Number.NEGATIVE_INFINITY;
  for (const operation of history) {
    if (!of(operation)) continue;
    firstAttemptMs = Math.min(firstAttemptMs, operation.invokedMs);
    lastAttemptMs = Math.max(lastAttemptMs, operation.invokedMs);
    if (operation.outcome === 'ok') successes.push(operation.endedMs);
  }
  if (lastAttemptMs <= faultMs || lastAttemptMs === Number.NEGATIVE_INFINITY) return undefined;

  let longest: Gap | undefined;
  let fromMs = firstAttemptMs;
  const consider = (toMs: number, recovered: boolean): void => {
    const gapMs = toMs - fromMs;
    if (toMs > faultMs && gapMs > (longest?.gapMs ?? -1)) longest = { gapMs, fromMs, toMs, recovered };
    fromMs = toMs;
  };
  for (const at of sorted(successes)) consider(at, true);
  if (lastAttemptMs > fromMs) consider(lastAttemptMs, false);
  return longest;
}
