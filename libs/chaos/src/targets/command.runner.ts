import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { within } from '../../../cluster/src/wait.js';
import { type Command, type MemberWords, readyCommand, shownCommand } from './command.words.js';

/** As much of the end of what a command has said as goes into an error. */
const saidLength = 500;
/** How long the output of a command is still read after its end: a program that it has left running may hold it open for ever. */
const outputBoundMs = 1_000;

/** A command of a target file did not do what it should. The message has the command, how it ended, and the end of what it said. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** How a command is run. */
export interface CommandRun {
  readonly members: MemberWords;
  readonly timeoutMs: number;
  /** The folder of the target file. */
  readonly folder: string;
  /** What the names of members are added to. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends the command early. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a command to its end. It has a process group of its own: Ctrl-C must not end it, for it may be the one that heals. What it
 * leaves running in the background is not waited for, and its output is closed.
 *
 * @throws CommandError when it can't be started, ends with another status than 0, or is not over in time
 */
export async function runCommand(
  command: Command,
  { members, timeoutMs, signal, ...place }: CommandRun,
): Promise<void> {
  const { program, arguments: words, environment } = readyCommand(command, members);
  const child = spawn(program, words, {
    cwd: place.folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...place.environment, ...environment },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-saidLength)));
  let why: string | undefined;
  const end = (reason: string) => () => {
    why = reason;
    if (child.pid !== undefined) killGroup(child.pid);
  };
  const late = setTimeout(end(`was not over within ${timeoutMs / 1_000} s`), timeoutMs);
  const onAbort = end('was called off');
  signal?.addEventListener('abort', onAbort, { once: true });
  const stopWatching = () => {
    clearTimeout(late);
    signal?.removeEventListener('abort', onAbort);
  };
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const [code, killedBy] = (await once(child, 'exit')) as [number | null, string | null];
    stopWatching();
    await within(outputBoundMs, 'the end of its output', closed).catch(() => undefined);
    if (code !== 0) throw new CommandError(errorText(command, why ?? `ended with ${code ?? killedBy}`, said));
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(errorText(command, (cause as Error).message, said), { cause });
  } finally {
    stopWatching();
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  }
}

/** The whole group: a shell alone would leave its children behind. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const errorText = (command: Command, how: string, said: string): string =>
  `${shownCommand(command)} ${how}${said.trim() === '' ? '' : `: ${said.trim()}`}`;
