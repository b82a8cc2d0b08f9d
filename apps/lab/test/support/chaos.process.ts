import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../../../../libs/cluster/src/wait.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** A running program that breaks the lab. */
export interface ChaosProcess {
  /** Its exit status; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Everything that it has printed so far. */
  said(): string;
  /** Resolves once it has printed `words`. */
  saying(words: string, boundMs: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts the chaos tool. It finds the lab by the environment, which `scripts/test` has filled. */
export const startChaos = (...args: string[]): ChaosProcess => start('apps/lab/src/main.ts', ...args);

/** Starts a program that breaks the lab and then waits until it is killed. */
export const startBreaking = (): ChaosProcess => start('libs/chaos/test/support/breaking.process.ts');

function start(program: string, ...args: string[]): ChaosProcess {
  const command = ['--import', 'tsx', program, ...args];
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return {
    ended,
    said: () => output,
    saying: async (words, boundMs) => {
      await until({ what: `it prints '${words}'`, boundMs, everyMs: 50 }, () => {
        if (child.exitCode !== null && !output.includes(words)) throw new Error(`it has ended: ${output}`);
        return output.includes(words) ? true : undefined;
      });
    },
    kill: (signal) => void child.kill(signal),
  };
}
