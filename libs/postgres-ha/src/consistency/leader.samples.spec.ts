import { describe, expect, it } from '@jest/globals';
import { LeaderSamples } from './leader.samples.js';

const samplesAt = (...times: number[]) => {
  const samples = new LeaderSamples(1_000);
  for (const time of times) samples.add({ timeline: 1, lsn: BigInt(time), sentAtMs: time });
  return samples;
};

describe('LeaderSamples', () => {
  it.each([
    // samples at, allowed staleness, now, required position
    [[], 500, 1000, undefined],
    [[400], 500, 1000, undefined],
    [[500], 500, 1000, 500n],
    [[300, 600, 900], 500, 1000, 600n],
    [[300, 600, 900], 50, 1000, undefined],
    [[300, 600, 900], 100, 1000, 900n],
  ])('samples at %p, at most %d ms stale at %d: %p', (times, maxStalenessMs, nowMs, lsn) => {
    expect(samplesAt(...times).requiredFor(maxStalenessMs, nowMs)?.lsn).toBe(lsn);
  });

  it('forgets samples older than its window, and then requires a later position than necessary', () => {
    expect(samplesAt(0, 500, 1_200).requiredFor(10_000, 1_200)?.lsn).toBe(500n);
  });
});
