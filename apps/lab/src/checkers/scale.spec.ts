import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const program = join(process.cwd(), 'apps/lab/test/support/scale.process.ts');
const oneGiB = 2 ** 30;

// Processor time and not time on the clock: the machine may be shared.
it('reads and judges 1,000,000 operations within 30 s of processor time and 1 GiB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scale-'));
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--max-old-space-size=1024', '--import', 'tsx', program, ...args], {
      env: {},
      maxBuffer: oneGiB,
    });
  try {
    await run('write', folder, '20');
    const { stdout } = await run('check', folder);
    const { findings, cpuMs, peakBytes } = JSON.parse(stdout);
    expect(findings).toMatchObject({
      operations: 1_000_000,
      lost: 0,
      duplicates: 0,
      readYourWritesViolations: 0,
      monotonicViolations: 0,
      linearizabilityViolations: 0,
      divergentRows: 0,
    });
    expect(cpuMs).toBeLessThan(30_000);
    expect(peakBytes).toBeLessThan(oneGiB);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 600_000);
