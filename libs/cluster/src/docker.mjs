// Runs the Docker client, which is there before any npm package is installed.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Time limit for each call of the Docker client, also for a command in a container. */
const dockerTimeoutMs = 10_000;

/**
 * Runs the docker client, and gives what it printed, whether it succeeded or not.
 *
 * @param {...string} args
 * @returns {Promise<{ok: boolean, stdout: string, stderr: string}>}
 */
export const docker = (...args) => dockerFor(dockerTimeoutMs, ...args);

/**
 * {@link docker}, for work that takes longer or says more.
 *
 * @param {number} boundMs
 * @param {...string} args
 * @returns {Promise<{ok: boolean, stdout: string, stderr: string}>}
 */
export const dockerFor = (boundMs, ...args) =>
  run('docker', args, { timeout: boundMs, maxBuffer: 256 * 1024 * 1024 }).then(
    ({ stdout, stderr }) => ({ ok: true, stdout, stderr }),
    ({ stdout = '', stderr = '' }) => ({ ok: false, stdout, stderr }),
  );
