import { describe, expect, it } from '@jest/globals';
import { RunningReads } from './running.reads.js';

const maxWaitMs = 20;

describe('RunningReads', () => {
  it('knows the running read of each resource until that read ends', async () => {
    const reads = new RunningReads(10_000);
    const read = reads.begin('a');
    expect([reads.of('a'), reads.of('b')]).toEqual([read, undefined]);
    read.end();
    await read.ended;
    expect(reads.of('a')).toBeUndefined();
  });

  it('lets no request wait for longer than the bound, and forgets a read that never ends', async () => {
    const reads = new RunningReads(maxWaitMs);
    await reads.begin('a').ended;
    expect(reads.size).toBe(0);
  });
});
