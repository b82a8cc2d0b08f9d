import { describe, expect, it } from '@jest/globals';
import { CacheStore } from '../../src/cache/cache.store.js';
import type { CacheEntry } from '../../src/cache/cache.entry.js';
import { useApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';

const app = useApp({ REDIS_TIMEOUT_MS: '2000' });
const store = () => app().nest.get(CacheStore);
const ttlMs = 60_000;

const entry = (timeline: number, lsn: bigint): CacheEntry => ({
  systemId: 1n,
  asOf: { timeline, lsn },
  shows: { timeline, floor: lsn, ceiling: lsn, asynchronous: false, leaderOnly: false },
  expiresAtMs: 0,
  status: 200,
  member: 'patroni2',
  address: '10.0.0.2',
  body: '{"title":"Ω 😀"}',
});

/** A key that nobody else uses, and how to fill it. */
async function fresh() {
  const key = uniqueName('store');
  const { epoch = '' } = (await store().acquire(key)) ?? {};
  return { key, epoch, fill: (each: CacheEntry) => store().fill(key, epoch, each, ttlMs) };
}

describe('Redis, as the cache uses it', () => {
  it('gives back what was stored', async () => {
    const { key, epoch, fill } = await fresh();
    expect(await store().find(key)).toEqual({ epoch, entry: undefined });
    expect(await fill(entry(1, 100n))).toBe('stored');
    expect(await store().find(key)).toEqual({ epoch, entry: entry(1, 100n) });
  });

  it('lets only one instance read an entry from the database, until that one stores the answer', async () => {
    const { key, fill } = await fresh();
    expect(await store().acquire(key)).toMatchObject({ isFree: false });
    await fill(entry(1, 100n));
    expect(await store().acquire(key)).toMatchObject({ isFree: true });
  });

  it.each([
    ['older', 1, 99n, 'older'],
    ['as new', 1, 100n, 'stored'],
    ['newer', 1, 101n, 'stored'],
    ['of a later timeline, wherever it stands', 2, 50n, 'stored'],
  ] as const)('replaces what is kept by what is %s: %d, %s: %s', async (_, timeline, lsn, outcome) => {
    const { fill } = await fresh();
    await fill(entry(1, 100n));
    expect(await fill(entry(timeline, lsn))).toBe(outcome);
  });

  it('does not replace an entry by one of an earlier timeline', async () => {
    const { fill } = await fresh();
    await fill(entry(2, 100n));
    expect(await fill(entry(1, 200n))).toBe('older');
  });

  it('stores nothing while a write is about to be committed', async () => {
    const { key, fill } = await fresh();
    await fill(entry(1, 100n));
    await store().mark(key, 'one');
    await store().mark(key, 'two');
    expect((await store().find(key))?.entry).toBeUndefined();
    await store().raise(key, 'one', { timeline: 1, lsn: 150n }, true);
    expect(await fill(entry(1, 200n))).toBe('pending');
    await store().raise(key, 'two', { timeline: 1, lsn: 160n }, true);
    expect(await fill(entry(1, 200n))).toBe('stored');
  });

  it.each([
    ['below the floor', 2, 299n, 'floor'],
    ['at the floor', 2, 300n, 'stored'],
    ['of an earlier timeline than the floor', 1, 400n, 'floor'],
    // Either that write was lost, or this replica has not replayed it yet and will soon be past that LSN.
    ['of a later timeline, but not as far in the log', 3, 299n, 'floor'],
    ['of a later timeline', 3, 300n, 'stored'],
  ] as const)('judges what is %s: %d, %s: %s', async (_, timeline, lsn, outcome) => {
    const { key, fill } = await fresh();
    await store().raise(key, 'one', { timeline: 2, lsn: 300n }, true);
    await store().raise(key, 'two', { timeline: 2, lsn: 290n }, true);
    expect(await fill(entry(timeline, lsn))).toBe(outcome);
  });

  it('stores no answer whose read began in another epoch', async () => {
    const { key } = await fresh();
    expect(await store().fill(key, 'f'.repeat(16), entry(1, 100n), ttlMs)).toBe('epoch');
  });
});
