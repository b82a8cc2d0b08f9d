// within.mjs SECONDS COMMAND…: runs the command for at most so long. Exit status 124 when time was up, else the command's own.
import { spawnSync } from 'node:child_process';

const [seconds, command, ...args] = process.argv.slice(2);
const { status, error } = spawnSync(command, args, { stdio: 'inherit', timeout: Number(seconds) * 1_000 });
process.exitCode = error?.code === 'ETIMEDOUT' ? 124 : (status ?? 1);
