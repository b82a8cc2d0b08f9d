import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clientCounts, leastClients } from './client.counts.js';

describe('The clients of a load', () => {
  it.each<[string, number, Readonly<Record<string, number>>, readonly number[]]>([
    ['are of the only kind', 16, { a: 1 }, [16]],
    ['are two of each kind at least', 4, { a: 99, b: 1 }, [2, 2]],
    ['are by their shares otherwise', 48, { a: 50, b: 30, c: 20 }, [24, 14, 10]],
    ['of a small kind are taken from the others', 20, { a: 60, b: 39, c: 1 }, [11, 7, 2]],
  ])('%s', (_, clients, shares, expected) => {
    expect([...clientCounts(clients, shares).values()]).toEqual(expected);
  });

  it('are as many as were asked for, whatever the shares', () => {
    const anyShares = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.integer({ min: 1, max: 100 }), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(anyShares, fc.nat(100), (shares, more) => {
        const clients = leastClients(shares) + more;
        const counts = [...clientCounts(clients, shares).values()];
        expect(counts.reduce((sum, count) => sum + count)).toBe(clients);
        expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it('cannot be fewer than two of each kind', () => {
    expect(() => clientCounts(3, { a: 1, b: 1 })).toThrow('3 clients are too few for this load: at least 4');
  });
});
