import { NotHealedError } from '../faults/healing.js';
import { exit } from '../runs/exit.status.js';

/** Where it is said that work was interrupted. */
export interface InterruptProgress {
  end(line: string): void;
}

/**
 * Does work that Ctrl-C ends early: its signal aborts, and it heals what it has broken before it ends. An error that is not the
 * interruption itself, for example of healing, is printed.
 *
 * @param program its name, before such an error
 * @returns the status of the work, or that of an interrupted program
 */
export async function interruptible(
  program: string,
  progress: InterruptProgress,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = () => {
    if (!interrupt.signal.aborted) progress.end('interrupted: healing before leaving');
    interrupt.abort(new Error('interrupted'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    return await work(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    if (error instanceof NotHealedError || !isCausedBy(error, interrupt.signal.reason))
      progress.end(`${program}: ${error instanceof Error ? error.message : String(error)}`);
    return exit.interrupted;
  }
}

/** Whether the error is `reason`, or says what it has ended. */
export function isCausedBy(error: unknown, reason: unknown): boolean {
  return error === reason || (error instanceof Error && error.cause !== undefined && isCausedBy(error.cause, reason));
}
