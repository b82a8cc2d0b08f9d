import { describe, expect, it } from '@jest/globals';
import { longestGap } from '../../../../libs/chaos/src/checkers/gap.checker.js';
import { GapStopwatch } from './gap.stopwatch.js';

const stopwatchAfter = (faultMs: number, successes: readonly number[]): GapStopwatch => {
  const stopwatch = new GapStopwatch();
  for (const atMs of successes.filter((at) => at <= faultMs)) stopwatch.success(atMs);
  stopwatch.begin(faultMs);
  for (const atMs of successes.filter((at) => at > faultMs)) stopwatch.success(atMs);
  return stopwatch;
};

describe('The stopwatch of a gap', () => {
  it('shows nothing before the fault', () => {
    const stopwatch = new GapStopwatch();
    stopwatch.success(100);
    expect(stopwatch.view(5_000)).toEqual({ ms: null, running: false });
  });

  it('runs from the last success before the fault while the next one is awaited', () => {
    expect(stopwatchAfter(1_000, [500, 900]).view(3_000)).toEqual({ ms: 2_100, running: true });
  });

  it('stops at the success that ends the gap, and stays there', () => {
    const stopwatch = stopwatchAfter(1_000, [900, 3_000]);
    expect(stopwatch.view(3_100)).toEqual({ ms: 2_100, running: false });
    expect(stopwatch.view(4_000)).toEqual({ ms: 2_100, running: false });
  });

  it('runs again once a second gap becomes longer than the first', () => {
    expect(stopwatchAfter(1_000, [900, 2_000]).view(4_000)).toEqual({ ms: 2_000, running: true });
  });

  it.each([
    ['one outage', 1_000, [100, 900, 3_000, 3_050]],
    ['an outage that began before the fault', 1_000, [100, 3_000, 3_050]],
    ['two outages, the second longer', 1_000, [900, 1_500, 4_000, 4_010]],
    ['none', 1_000, [900, 1_010, 1_110, 1_150]],
  ])('ends at what the checker finds in the history: %s', (_case, faultMs, successes) => {
    const history = successes.map((endedMs, id) => ({
      id,
      session: 's',
      channel: 'sql' as const,
      action: 'write' as const,
      row: 'unique' as const,
      key: `k${id}`,
      outcome: 'ok' as const,
      invokedMs: endedMs,
      endedMs,
    }));
    const { ms } = stopwatchAfter(faultMs, successes).view(successes.at(-1) ?? 0);
    expect(ms).toBe(longestGap(history, () => true, faultMs)?.gapMs);
  });
});
