import type { History, Operation } from '../history/operation.js';
import { sorted } from '../numbers/sorted.js';

/** The longest time without a success. */
export interface Gap {
  readonly gapMs: number;
  readonly fromMs: number;
  /** The success that ended the gap, or the last attempt where no success came any more. */
  readonly toMs: number;
  /** Whether a success ended the gap. */
  readonly recovered: boolean;
}

/**
 * The longest time between two consecutive successes, as clients saw them end. Only gaps that reach beyond `faultMs` count.
 * Without a success before it, a gap begins at the first attempt; without one after it, it ends at the last attempt: a service
 * that never came back has a gap, too.
 *
 * @param of chooses the operations
 * @returns undefined where none of these operations was attempted after `faultMs`
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
