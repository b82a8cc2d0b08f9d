import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const timeoutMs = 240_000;

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
export function startScript(name: string, args: readonly string[]): RunningScript {
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

/**
 * Runs it to its end, in the process group of the tests: Ctrl-C ends both, and nobody goes on changing the lab.
 *
 * @throws Error with what it said, unless it succeeds
 */
export async function runScript(name: string, ...args: string[]): Promise<Pick<ScriptResult, 'stdout' | 'stderr'>> {
  const { stdout, stderr } = await promisify(execFile)(`scripts/${name}`, args, { cwd: root, timeout: timeoutMs });
  return { stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) };
}
