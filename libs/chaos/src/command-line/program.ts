import type { Command } from 'commander';
import { exit } from '../runs/exit.status.js';
import { isUsage } from './arguments.js';

/**
 * Runs a command line to the end of the process. Errors of these classes are for the user, who sees their message; any other
 * is a fault of the program, and shows where it was.
 */
export async function runProgram(
  program: Command,
  known: readonly (abstract new (...parameters: never[]) => Error)[],
): Promise<never> {
  // A terminal or a pipe that goes away must not end the program before it has healed what it broke.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    await program.parseAsync();
  } catch (error) {
    if (isUsage(error)) process.exitCode = error.exitCode === 0 ? exit.passed : exit.couldNotRun;
    else {
      const isKnown = known.some((kind) => error instanceof kind);
      const text = isKnown ? (error as Error).message : error instanceof Error ? error.stack : String(error);
      process.stderr.write(`${program.name()}: ${text}\n`);
      process.exitCode = exit.couldNotRun;
    }
  }
  // Sockets of cut connections may still be open. Before exiting, wait until a pipe has taken what was printed.
  await new Promise<void>((done) => process.stdout.write('', () => done()));
  process.exit();
}
