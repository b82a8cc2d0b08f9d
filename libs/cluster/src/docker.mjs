// The Docker client as a program: it is there before any package is installed.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Bounds each question to Docker, a command in a container included. */
const dockerTimeoutMs = 10_000;

/**
 * Both streams of the docker client, whether it succeeds or not.
 *
 * @param {...string} args
 * @returns {Promise<{ok: boolean, stdout: string, stderr: string}>}
 */
export const docker = (...args) =>
  run('docker', args, { timeout: dockerTimeoutMs }).then(
    ({ stdout, stderr }) => ({ ok: true, stdout, stderr }),
    ({ stdout = '', stderr = '' }) => ({ ok: false, stdout, stderr }),
  );
