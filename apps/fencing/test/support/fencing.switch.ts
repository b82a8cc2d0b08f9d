import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const timeoutMs = 120_000;

/** `scripts/lab fencing on` or `off`, as a user would say it. */
export async function fencing(state: 'on' | 'off'): Promise<void> {
  await promisify(execFile)('scripts/lab', ['fencing', state], { cwd: root, timeout: timeoutMs });
}
