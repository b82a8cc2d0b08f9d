import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeEntry, encodeEntry, sortable, type CacheEntry } from './cache.entry.js';

const epoch = '0123456789abcdef';
const lsn = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const timeline = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const replayed = fc.record({ timeline, lsn });

const entry = fc
  .record({
    systemId: lsn,
    asOf: replayed,
    floor: lsn,
    ceiling: lsn,
    expiresAtMs: fc.nat(),
    status: fc.constantFrom(200 as const, 404 as const),
    member: fc.string(),
    address: fc.string(),
    body: fc.string({ unit: 'binary' }),
  })
  .map(({ floor, ceiling, ...rest }): CacheEntry => ({
    ...rest,
    shows: { timeline: rest.asOf.timeline, floor, ceiling, asynchronous: false, leaderOnly: false },
  }));

describe('An entry', () => {
  it('is decoded to what was encoded', () => {
    fc.assert(fc.property(entry, (each) => expect(decodeEntry(epoch, encodeEntry(epoch, each))).toEqual(each)));
  });

  it('does not count when it is of another epoch', () => {
    const [each] = fc.sample(entry, 1);
    expect(decodeEntry('f'.repeat(16), encodeEntry(epoch, each as CacheEntry))).toBeUndefined();
  });

  it('has epoch, timeline and LSN where the scripts look for them', () => {
    fc.assert(
      fc.property(entry, (each) => {
        const text = encodeEntry(epoch, each);
        const position = sortable(each.asOf);
        expect([text.slice(0, 16), text.slice(17, 25), text.slice(26, 42)]).toEqual([
          epoch,
          position.timeline,
          position.lsn,
        ]);
      }),
    );
  });
});

describe('sortable', () => {
  it('orders as text as the numbers do', () => {
    fc.assert(
      fc.property(replayed, replayed, (a, b) => {
        expect(sortable(a).lsn < sortable(b).lsn).toBe(a.lsn < b.lsn);
        expect(sortable(a).timeline < sortable(b).timeline).toBe(a.timeline < b.timeline);
      }),
    );
  });
});
