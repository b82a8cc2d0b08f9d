import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('backup.sh', import.meta.url));
const walKeep = (...words) =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', `source "${file}"; wal_keep "$@"`, 'bash', ...words], {
    encoding: 'utf8',
  }).trim();

it.each([
  ['as wanted where there is room', '2GB', 64 << 20, '2GB'],
  ['as wanted where it is a quarter of the room', '128MB', 512 << 10, '128MB'],
  ['a quarter of a small disk', '2GB', 480 << 10, '120MB'],
  ['a quarter, in units of any size', '1TB', 400 << 10, '100MB'],
  ['megabytes where no unit is named', '2048', 400 << 10, '100MB'],
  ['as wanted, in small units', '65536kB', 400 << 10, '65536kB'],
  ['a quarter where no bound is wanted', '-1', 400 << 10, '100MB'],
  ['as wanted while the room is not known', '2GB', '', '2GB'],
])('Members keep WAL for the repository: %s', (_, wanted, kilobytes, kept) =>
  expect(walKeep(wanted, String(kilobytes))).toBe(kept),
);
