import { describe, expect, it } from '@jest/globals';
import { nextConnectMs, type PoolLoad } from './connect.pace.js';

const limits = { most: 16, atOnce: 4 };
const idle: PoolLoad = { waiting: 0, serving: 0, connecting: 0, waitedMs: 0, sinceLastMs: 60_000, connectMs: 0 };

describe('nextConnectMs', () => {
  it.each<[title: string, load: Partial<PoolLoad>, inMs: number | undefined]>([
    ['opens none when nobody waits', { serving: 3 }, undefined],
    ['opens the first at once', { waiting: 50, connectMs: 400 }, 0],
    ['opens no second beside it', { waiting: 50, connecting: 1, sinceLastMs: 0, connectMs: 5 }, 100],
    ['opens one more when the first may be lost', { waiting: 50, connecting: 1, sinceLastMs: 100, connectMs: 5 }, 0],
    ['waits longer where a connect takes longer', { waiting: 9, connecting: 1, sinceLastMs: 100, connectMs: 200 }, 100],
    ['but not long, for one may have stalled', { waiting: 9, connecting: 1, sinceLastMs: 0, connectMs: 1_900 }, 250],
    ['opens at most so many at once', { waiting: 50, connecting: 4, serving: 1, waitedMs: 2_000 }, undefined],
    ['opens no more than there are requests', { waiting: 2, connecting: 2, waitedMs: 2_000 }, undefined],
    ['opens none above the size of the pool', { waiting: 50, serving: 15, connecting: 1, waitedMs: 2_000 }, undefined],
    ['lets a request wait for a release', { waiting: 1, serving: 1, connectMs: 200 }, 200],
    ['but not long, for one connect may have stalled', { waiting: 1, serving: 1, connectMs: 1_900 }, 250],
    ['opens one for a request that waited longer', { waiting: 1, serving: 1, waitedMs: 201, connectMs: 200 }, 0],
    ['spreads them over a connect', { waiting: 9, serving: 1, waitedMs: 201, sinceLastMs: 30, connectMs: 200 }, 20],
    ['waits for nothing before it knows how long a connect takes', { waiting: 9, serving: 1 }, 0],
  ])('%s', (_title, load, inMs) => {
    expect(nextConnectMs({ ...idle, ...load }, limits)).toBe(inMs);
  });

  it.each([
    ['opens one for each request', { waiting: 9, connecting: 8, connectMs: 400 }, 0],
    ['opens none above the size of the pool', { waiting: 50, connecting: 16 }, undefined],
  ])('without a bound %s', (_title, load, inMs) => {
    expect(nextConnectMs({ ...idle, ...load }, { most: 16, atOnce: 0 })).toBe(inMs);
  });
});
