import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseIdle, type IdleConnection } from '../database/idle.choice.js';
import { judge, type Position } from './position.js';
import { isKnownBehind, nextStep, rankOf } from './read.routing.js';

describe('isKnownBehind', () => {
  it.each([
    // standing by the latest observation, its age, verdict
    ['holds', 0, false],
    ['behind', 20, true],
    ['behind', 21, false],
    ['unknown', 0, false],
    [undefined, 0, false],
  ] as const)('%s, %d ms ago: %s', (standing, ageMs, verdict) => {
    expect(isKnownBehind(standing, ageMs)).toBe(verdict);
  });
});

describe('rankOf', () => {
  it('puts knowledge before pinning', () => {
    const ranks = [rankOf(false, true), rankOf(false, false), rankOf(true, true), rankOf(true, false)];
    expect(ranks).toEqual([0, 1, 2, 3]);
  });

  it('never picks a node known to be behind while there is one that is not', () => {
    const node = fc.record({
      timeline: fc.integer({ min: 1, max: 2 }),
      lsn: fc.bigInt({ min: 0n, max: 100n }),
      ageMs: fc.nat({ max: 40 }),
      lastUsed: fc.nat(),
      pinned: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: 6 }), fc.bigInt({ min: 0n, max: 100n }), (nodes, lsn) => {
        const wanted: Position = { timeline: 2, floor: lsn, ceiling: lsn, asynchronous: false, leaderOnly: false };
        const behind = nodes.map((each) => isKnownBehind(judge(wanted, each, new Map([[1, 50n]])), each.ageMs));
        const idle = nodes.map((each, index): IdleConnection => ({
          node: { member: String(index), address: '', systemId: '', timeline: each.timeline },
          role: 'replica',
          connectedAtMs: 0,
        }));
        const chosen = chooseIdle(
          idle,
          new Map(nodes.map((each, index) => [String(index), each.lastUsed])),
          (connection) => {
            const index = idle.indexOf(connection);
            return rankOf(behind[index] ?? false, nodes[index]?.pinned ?? false);
          },
        );
        if (behind.includes(false)) expect(behind[chosen]).toBe(false);
      }),
    );
  });
});

describe('nextStep', () => {
  it.each([
    // nodes found behind, elapsed, what next
    [0, 0, { kind: 'replica' }],
    [0, 99, { kind: 'replica' }],
    [1, 0, { kind: 'replica' }],
    [2, 1, { kind: 'wait', ms: 2 }],
    [3, 1, { kind: 'wait', ms: 4 }],
    [9, 49, { kind: 'wait', ms: 10 }],
    [1, 99, { kind: 'replica' }],
    [2, 50, { kind: 'leader' }],
    [9, 50, { kind: 'leader' }],
  ])('after %d nodes behind and %d of 50 ms: %p', (behind, elapsedMs, step) => {
    expect(nextStep({ behind, elapsedMs, budgetMs: 50 })).toEqual(step);
  });
});
