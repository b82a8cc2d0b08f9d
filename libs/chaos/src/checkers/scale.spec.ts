import { expect, it } from '@jest/globals';
import { blockOperations, judge } from '../../test/support/scale.js';

const blocks = 5;
const timeoutMs = 120_000;

// How long a million operations take depends on the machine: `npm run bench:checkers` holds it to 30 s and 1 GiB.
it(
  'judges a long history in linear time and little memory',
  async () => {
    const [one, { findings, cpuMs, peakBytes }] = await judge(1, blocks);
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
    // In fact it takes less than three times as long, because a part of the time is the start of the process. If as little as a
    // seventh of one block's time were quadratic, this would fail.
    expect(cpuMs).toBeLessThan(blocks * one.cpuMs);
    expect(peakBytes).toBeLessThan(2 ** 28);
  },
  timeoutMs,
);
