import { isSkipped, type RunFile, type RunResult } from '../results/run.result.js';

/** Exit statuses of the tool; 130 is what shells use for Ctrl-C. */
export const exit = { passed: 0, failed: 1, couldNotRun: 2, interrupted: 130 } as const;

/** The status for runs of faults, of which some may be skipped, but not all. */
export function exitOf(files: readonly RunFile[]): number {
  const runs = files.filter((file): file is RunResult => !isSkipped(file));
  if (runs.length === 0) return exit.couldNotRun;
  return runs.every(({ verdict }) => verdict.pass) ? exit.passed : exit.failed;
}

/** The status for mutations, of which none may be skipped: its checker would be unproved. */
export function exitOfProofs(files: readonly RunFile[]): number {
  const status = exitOf(files);
  return status === exit.passed && files.some(isSkipped) ? exit.couldNotRun : status;
}
