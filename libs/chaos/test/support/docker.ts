import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { lab, openLab } from './settings.js';

const run = promisify(execFile);
const defaultTimeoutMs = 20_000;
const maxOutputBytes = 256 * 1024 * 1024;

/** Runs the docker client and returns what it printed; the client is killed at `timeoutMs`. */
export async function docker(args: readonly string[], timeoutMs = defaultTimeoutMs): Promise<string> {
  const { stdout } = await run('docker', args, { timeout: timeoutMs, maxBuffer: maxOutputBytes });
  return stdout.trim();
}

/** What the docker client printed on both streams, whether it succeeded or not. */
export async function dockerOutput(args: readonly string[], timeoutMs = defaultTimeoutMs): Promise<string> {
  const { stdout, stderr } = await run('docker', args, { timeout: timeoutMs, maxBuffer: maxOutputBytes }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => ({
      stdout: error.stdout ?? '',
      stderr: error.stderr || error.message,
    }),
  );
  return stdout + stderr;
}

/** The name of the container of a service such as `patroni1`. */
export const containerOf = (service: string): string => `${lab.prefix}${service}`;

/** {@link Lab.psql}, for tests that need nothing else of the lab. */
export const psql = (member: string, sql: string, database = 'app_db'): Promise<string[]> =>
  openLab().psql(member, sql, { database });
