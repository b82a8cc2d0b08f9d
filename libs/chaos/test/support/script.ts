import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const timeoutMs = 240_000;

/** How a script ended and what it printed. */
export interface ScriptResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running script of the repository, in a process group of its own as in a terminal. */
export interface RunningScript {
  readonly ended: Promise<ScriptResult>;
  /** What it has printed so far, on both streams. */
  said(): string;
  /** Sends SIGINT to the script and all that it has started, as Ctrl-C does. */
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
 * Runs a script to its end in the process group of the tests, so that Ctrl-C ends both and the script stops changing the lab.
 *
 * @throws Error with what it printed, unless it succeeds
 */
export async function runScript(name: string, ...args: string[]): Promise<Pick<ScriptResult, 'stdout' | 'stderr'>> {
  return runScriptIn({}, name, ...args);
}

/** The same with these variables beside those of this process. */
export async function runScriptIn(
  environment: Readonly<Record<string, string>>,
  name: string,
  ...args: string[]
): Promise<Pick<ScriptResult, 'stdout' | 'stderr'>> {
  const options = { cwd: root, timeout: timeoutMs, env: { ...process.env, ...environment } };
  const { stdout, stderr } = await promisify(execFile)(`scripts/${name}`, args, options);
  return { stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) };
}
