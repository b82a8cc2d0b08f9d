import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judge, merge, type Position } from './position.js';

const at = (timeline: number, floor: number, ceiling = floor, over: Partial<Position> = {}): Position => ({
  timeline,
  floor: BigInt(floor),
  ceiling: BigInt(ceiling),
  asynchronous: false,
  leaderOnly: false,
  ...over,
});

const position = fc
  .record({
    timeline: fc.integer({ min: 1, max: 4 }),
    floor: fc.bigInt({ min: 0n, max: 50n }),
    span: fc.bigInt({ min: 0n, max: 50n }),
    asynchronous: fc.boolean(),
    leaderOnly: fc.boolean(),
  })
  .map(({ span, ...rest }): Position => ({ ...rest, ceiling: rest.floor + span }));

describe('merge', () => {
  it('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(position, position, position, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toEqual(a);
      }),
    );
  });

  it('on one timeline is held only by a node that holds both parts', () => {
    fc.assert(
      fc.property(position, position, fc.bigInt({ min: 0n, max: 120n }), (a, b, lsn) => {
        fc.pre(a.timeline === b.timeline);
        const replayed = { timeline: a.timeline, lsn };
        const parts = [a, b].map((part) => judge(part, replayed, new Map()));
        expect(judge(merge(a, b), replayed, new Map()) === 'holds').toBe(parts.every((part) => part === 'holds'));
      }),
    );
  });

  it('on one timeline is lost as soon as one part is lost', () => {
    const switchPoint = fc.bigInt({ min: 0n, max: 120n });
    fc.assert(
      fc.property(position, position, switchPoint, (a, b, switchLsn) => {
        fc.pre(a.timeline === b.timeline);
        const lineage = new Map([[a.timeline, switchLsn]]);
        const replayed = { timeline: a.timeline + 1, lsn: 1000n };
        const lost = [a, b].some((part) => judge(part, replayed, lineage) === 'lost');
        if (lost) expect(judge(merge(a, b), replayed, lineage)).toBe('lost');
      }),
    );
  });
});

describe('judge', () => {
  const lineage = new Map([
    [1, 100n],
    [2, 200n],
  ]);

  it.each([
    // what, position, node's timeline, node's LSN, standing
    ['the node has exactly reached it', at(3, 250), 3, 250, 'holds'],
    ['the node is one byte short', at(3, 250), 3, 249, 'behind'],
    ['the node is on an older timeline, with a larger LSN', at(3, 250), 2, 999, 'behind'],
    ['the position lies before the switch and the node behind it', at(1, 90), 3, 300, 'holds'],
    ['the node follows the new timeline but has not replayed that far', at(1, 90), 3, 80, 'behind'],
    ['the commit lies above the switch, however far the node is now', at(1, 101, 110), 3, 9_999_999, 'lost'],
    ['the commit may lie on either side, and a standby had confirmed it', at(1, 95, 110), 3, 100, 'holds'],
    ['the same, but the node has not reached the switch', at(1, 95, 110), 3, 99, 'behind'],
    ['the same, but no standby had confirmed it', at(1, 95, 110, { asynchronous: true }), 3, 100, 'lost'],
    ['the commit ends at the switch', at(1, 100, 100, { asynchronous: true }), 2, 100, 'holds'],
  ] as const)('%s', (_, wanted, timeline, lsn, standing) => {
    expect(judge(wanted, { timeline, lsn: BigInt(lsn) }, lineage)).toBe(standing);
  });

  it('is unknown without the history of the timelines in between', () => {
    expect(judge(at(1, 90), { timeline: 2, lsn: 500n }, new Map())).toBe('unknown');
  });

  it('counts a position on an abandoned timeline as lost', () => {
    expect(judge(at(2, 90), { timeline: 4, lsn: 500n }, new Map([[3, 300n]]))).toBe('lost');
  });
});
