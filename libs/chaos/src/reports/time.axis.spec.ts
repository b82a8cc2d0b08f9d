import { describe, expect, it } from '@jest/globals';
import { timeAxis } from './time.axis.js';

const axis = (durationMs: number) => timeAxis({ durationMs, samples: [] });

describe('timeAxis', () => {
  it.each([
    [0, 1, 1],
    [42_598.22334299999, 43, 10],
    [95_000, 95, 20],
    [200_000, 200, 30],
    [3_720_400, 3_721, 600],
    [86_400_000, 86_400, 3_600],
  ])(
    'ends a run of %d ms at a whole second, with a label at every round one',
    (durationMs, endSeconds, stepSeconds) => {
      expect(axis(durationMs)).toMatchObject({ endSeconds, stepSeconds });
    },
  );

  it('reaches the last sample', () => {
    const quiet = { ok: 0, failed: 0, unknown: 0, p50Ms: null, p99Ms: null, maxMs: null };
    expect(timeAxis({ durationMs: 900, samples: [{ second: 3, http: quiet, sql: quiet }] }).endSeconds).toBe(3);
  });

  it.each([
    [43_000, 42.59822, 0, '43 s'],
    [43_000, 42.59822, 2, '42.60 s'],
    [3_720_000, 600, 0, '10:00'],
    [3_720_000, 59.99, 0, '1:00'],
    [3_720_000, 3_123.456, 2, '52:03.46'],
  ])('of %d ms writes %d s with %d decimals as %s', (durationMs, seconds, decimals, written) => {
    expect(axis(durationMs).written(seconds, decimals)).toBe(written);
  });
});
