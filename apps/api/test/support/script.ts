import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const defaultTimeoutMs = 240_000;

/** How a script ended and what it said. */
export interface ScriptResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script of the repository at work. In a process group of its own, as a terminal would have it. */
export interface RunningScript {
  readonly ended: Promise<ScriptResult>;
  /** Everything it has said so far, on either stream. */
  said(): string;
  /** What Ctrl-C does: SIGINT to the script and all it has started. */
  interrupt(): void;
}

/** Starts `scripts/NAME` from the root of the repository, as a user would. */
export function startScript(name: string, args: readonly string[], timeoutMs = defaultTimeoutMs): RunningScript {
  const child = spawn(`scripts/${name}`, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const signal = (sent: NodeJS.Signals) => child.pid !== undefined && process.kill(-child.pid, sent);
  const timer = setTimeout(() => signal('SIGKILL'), timeoutMs);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = new Promise<ScriptResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) });
    });
  });
  return { ended, said: () => stdout + stderr, interrupt: () => signal('SIGINT') };
}

/** Runs it to its end, and throws with what it said unless that is success. */
export async function runScript(name: string, ...args: string[]): Promise<ScriptResult> {
  const result = await startScript(name, args).ended;
  if (result.code !== 0) throw new Error(`scripts/${name} ${args.join(' ')}: ${result.code}\n${result.stderr}`);
  return result;
}
