import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { within } from '../../../../libs/cluster/src/wait.js';
import { root } from './command.js';

const startBoundMs = 60_000;
/** It heals the lab before it ends. */
const endBoundMs = 120_000;

/** A running console. */
export interface ConsoleProcess {
  readonly pid: number;
  /** With the token. */
  readonly url: string;
  /** Ends it as Ctrl-C does; resolves when it has healed the lab. @throws Error when it says that it could not */
  end(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts `scripts/lab console`. It finds the lab by the environment, which `scripts/test` has filled.
 *
 * @param port 0 for any that is free
 */
export async function startConsole(port = 0): Promise<ConsoleProcess> {
  const args = ['--import', 'tsx', 'apps/lab/src/console.ts', '--port', String(port), '--json'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await within(startBoundMs, 'the console prints its URL', once(child.stdout, 'data'))) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  return {
    pid: child.pid ?? 0,
    url,
    end: async () => {
      child.kill('SIGINT');
      const [code, signal] = (await within(endBoundMs, 'the console ends', ended)) as [number | null, string | null];
      if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the console has ended with ${code ?? signal}`);
    },
    kill: (signal) => void child.kill(signal),
  };
}
