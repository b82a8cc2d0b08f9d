import { expect, it } from '@jest/globals';
import { blockOperations, judge } from '../../test/support/scale.js';

const blocks = 4;
const timeoutMs = 120_000;

// A million take 30 s of processor time and 1 GiB at most: npm run bench:checkers.
it(
  'judges a long history in linear time and little memory',
  async () => {
    const { findings, cpuMs, peakBytes } = await judge(blocks);
    expect(findings).toMatchObject({
      operations: blocks * blockOperations,
      lost: 0,
      duplicates: 0,
      readYourWritesViolations: 0,
      monotonicViolations: 0,
      lostUpdates: 0,
      linearizabilityViolations: 0,
      dualLeaderCommits: 0,
      divergentRows: 0,
    });
    expect(cpuMs).toBeLessThan(6_000);
    expect(peakBytes).toBeLessThan(2 ** 29);
  },
  timeoutMs,
);
