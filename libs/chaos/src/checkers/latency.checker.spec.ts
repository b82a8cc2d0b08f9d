import { describe, expect, it } from '@jest/globals';
import { create } from '../../test/support/operations.js';
import { latencyByPeriod, samplesBySecond } from './latency.checker.js';

describe('latencyByPeriod', () => {
  it('puts an operation into the period in which it was due, and counts from that time', () => {
    const history = [
      create('a', [0, 5]),
      create('b', [700, 750], { dueMs: 100 }),
      create('c', [900, 902]),
      create('d', [100, 9_999], { outcome: 'failed' }),
    ];
    const { before, during, after } = latencyByPeriod(history, { faultMs: 50, healedMs: 800 });
    expect(before).toEqual({
      count: 1,
      p50: expect.closeTo(5, 2),
      p99: expect.closeTo(5, 2),
      max: expect.closeTo(5, 2),
    });
    expect(during.count).toBe(1);
    expect(during.max).toBeCloseTo(650, -1);
    expect(after).toMatchObject({ count: 1, max: expect.closeTo(2, 2) });
  });

  it('has null where nothing succeeded', () => {
    expect(latencyByPeriod([], {}).during).toEqual({ count: 0, p50: null, p99: null, max: null });
  });

  it('takes the operations of one channel alone when it is named', () => {
    const history = [create('a', [0, 5]), create('b', [0, 5], { channel: 'http' })];
    expect(latencyByPeriod(history, {}, 'http').before.count).toBe(1);
    expect(latencyByPeriod(history, {}).before.count).toBe(2);
  });
});

describe('samplesBySecond', () => {
  it('has every second, also those in which nothing ended', () => {
    const seconds = samplesBySecond([
      create('a', [2_100, 2_150]),
      create('b', [2_200, 2_210], { outcome: 'failed' }),
      create('c', [100, 200], { channel: 'http' }),
    ]);
    expect(seconds.map(({ second }) => second)).toEqual([0, 1, 2]);
    expect(seconds[0]?.http).toMatchObject({ ok: 1, p50Ms: 100 });
    expect(seconds[1]?.sql).toEqual({ ok: 0, failed: 0, unknown: 0, p50Ms: null, p99Ms: null, maxMs: null });
    expect(seconds[2]?.sql).toMatchObject({ ok: 1, failed: 1, maxMs: 50 });
  });
});
