import { isSkipped, type RunFile, type RunResult } from '../results/run.result.js';

/** Exit statuses of the tool; 130 is a shell's word for Ctrl-C. */
export const exit = { passed: 0, failed: 1, couldNotRun: 2, interrupted: 130 } as const;

/** Of runs of which some may be skipped. Nothing but skipped scenarios prove nothing. */
export function exitOf(files: readonly RunFile[]): number {
  const runs = files.filter((file): file is RunResult => !isSkipped(file));
  if (runs.length === 0) return exit.couldNotRun;
  return runs.every(({ verdict }) => verdict.pass) ? exit.passed : exit.failed;
}

/** Of mutations, of which none may be skipped: it would be a checker that nobody has proved to see. */
export function exitOfProofs(files: readonly RunFile[]): number {
  const status = exitOf(files);
  return status === exit.passed && files.some(isSkipped) ? exit.couldNotRun : status;
}
