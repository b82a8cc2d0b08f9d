import { NotHealedError } from '../faults/healing.js';
import { exit } from '../runs/exit.status.js';

/** Where it is said that work was interrupted. */
export interface InterruptProgress {
  end(line: string): void;
}

/**
 * Does work that Ctrl-C ends early: its signal aborts, and it heals what it has broken before it ends.
 *
 * @returns the status of the work, or that of an interrupted program
 */
export async function interruptible(
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
    if (error instanceof NotHealedError) progress.end(`chaos: ${error.message}`);
    return exit.interrupted;
  }
}
