import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The number of operations in a block, which is simulated at once. */
export const blockOperations = 25_000;

const program = fileURLToPath(new URL('scale.process.ts', import.meta.url));
const outputBytes = 2 ** 30;

/** The findings in a long history, and what it took to judge it. */
export interface Scale {
  readonly findings: Readonly<Record<string, unknown>>;
  /** Processor time for reading and judging; elapsed time would depend on what else the machine does. */
  readonly cpuMs: number;
  readonly peakBytes: number;
}

/** Reads and judges a clean history for each number of blocks, each in a process of its own with at most 1 GiB of heap. */
export async function judge<const Blocks extends readonly number[]>(
  ...lengths: Blocks
): Promise<{ [Index in keyof Blocks]: Scale }> {
  const folder = await mkdtemp(join(tmpdir(), 'scale-'));
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--max-old-space-size=1024', '--import', 'tsx', program, ...args], {
      env: {},
      maxBuffer: outputBytes,
    });
  try {
    await run('write', folder, ...lengths.map(String));
    const judged: Scale[] = [];
    for (const length of lengths) {
      const { stdout } = await run('check', folder, String(length));
      judged.push(JSON.parse(stdout) as Scale);
    }
    return judged as { [Index in keyof Blocks]: Scale };
  } finally {
    await rm(folder, { recursive: true });
  }
}
