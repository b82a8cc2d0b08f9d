import { expect, it } from '@jest/globals';
import { blockOperations, judge } from '../../test/support/scale.js';

const blocks = 5;
const timeoutMs = 120_000;

// That a million take 30 s of processor time and 1 GiB at most is a matter of the machine, too: npm run bench:checkers.
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
    // Less than three times in fact, for starting up is a part of it. A seventh of one block's time that is quadratic is enough to fail.
    expect(cpuMs).toBeLessThan(blocks * one.cpuMs);
    expect(peakBytes).toBeLessThan(2 ** 28);
  },
  timeoutMs,
);
