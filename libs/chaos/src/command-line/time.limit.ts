import { NotHealedError } from '../faults/healing.js';
import { CannotRunError } from '../runs/cannot.run.error.js';
import { isCausedBy } from './interrupt.js';

/**
 * Does work that is ended early, as by Ctrl-C, when it takes too long.
 *
 * @param interrupt ends it, too
 * @throws CannotRunError where it took too long, and that has ended it. Any other error of the work, also after that, is thrown as it is
 */
export async function timeLimited<T>(
  maxDurationMs: number,
  interrupt: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(maxDurationMs);
  try {
    return await work(AbortSignal.any([interrupt, late]));
  } catch (error) {
    if (!late.aborted || error instanceof NotHealedError || !isCausedBy(error, late.reason)) throw error;
    const text = `not over within ${maxDurationMs / 1_000} s (--max-duration): healed, and left`;
    throw new CannotRunError(text, { cause: error });
  }
}
