import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseIdle, type IdleConnection } from '../database/idle.choice.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';
import { judge, type Position } from './position.js';
import { isKnownBehind, isWorthRetrying, nextStep, rankOf, reasonOf, routeOf } from './read.routing.js';

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
  it('ranks a node that is behind last, even when it answered this request before', () => {
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

describe('routeOf', () => {
  const at = (lsn: bigint, leaderOnly = false): Position => {
    return { timeline: 2, floor: lsn, ceiling: lsn, asynchronous: false, leaderOnly };
  };
  const claimed = (...positions: Position[]) => ({ systemId: 7n, positions });
  const requiredFor = (maxStalenessMs: number) => (maxStalenessMs >= 100 ? { timeline: 2, lsn: 50n } : undefined);
  const bounded = (maxStalenessMs: number) => ({ mode: 'bounded', maxStalenessMs }) as const;

  it.each([
    ['an eventual read', { mode: 'eventual' }, claimed(at(9n)), { to: 'replica', positions: [] }],
    ['a session without a token', { mode: 'session' }, undefined, { to: 'replica', positions: [] }],
    ['a session', { mode: 'session' }, claimed(at(8n), at(9n)), { to: 'replica', positions: [at(8n), at(9n)] }],
    [
      'a session whose last write has no known position',
      { mode: 'session' },
      claimed(at(8n), at(9n, true)),
      { to: 'leader', positions: [at(8n), at(9n, true)], forwarded: 'position-unknown', admission: 'as-write' },
    ],
    ['a bounded read', bounded(100), claimed(at(60n)), { to: 'replica', positions: [{ ...at(50n), floor: 0n }] }],
    [
      'a bounded read while the leader has not been heard of within the bound',
      bounded(99),
      claimed(at(60n)),
      { to: 'leader', positions: [], forwarded: 'staleness-unknown', admission: 'in-turn' },
    ],
    [
      'a strong read',
      { mode: 'strong' },
      claimed(at(9n)),
      { to: 'leader', positions: [], forwarded: undefined, admission: 'as-write' },
    ],
  ] as const)('%s', (_, consistency, claims, route) => {
    expect(routeOf(consistency, claims, requiredFor)).toEqual(route);
  });
});

describe('nextStep', () => {
  const limits = { waitBudgetMs: 50, deadlineMs: 1_000 };

  it.each([
    // nodes found behind, elapsed, what next
    [0, 0, { kind: 'replica' }],
    [0, 99, { kind: 'replica' }],
    [1, 0, { kind: 'replica' }],
    [2, 1, { kind: 'wait', ms: 2 }],
    [3, 1, { kind: 'wait', ms: 4 }],
    [9, 49, { kind: 'wait', ms: 10 }],
    [1, 99, { kind: 'replica' }],
    [2, 50, { kind: 'leader', isLastChance: false }],
    [9, 999, { kind: 'leader', isLastChance: false }],
    [9, 1_000, { kind: 'leader', isLastChance: true }],
    [1, 1_000, { kind: 'replica' }],
  ])('after %d nodes behind and %d ms: %p', (behind, elapsedMs, step) => {
    expect(nextStep({ behind, elapsedMs }, limits)).toEqual(step);
  });
});

describe('reasonOf', () => {
  it.each([
    // what the read did, who answered, how the node was known to do, label, why not a replica
    ['replica', 'replica', 'not-needed', 'replica', undefined],
    ['replica', 'replica', 'known', 'known', undefined],
    ['replica', 'replica', 'checked', 'checked', undefined],
    ['wait', 'replica', 'checked', 'waited', undefined],
    ['leader', 'replica', 'checked', 'checked', undefined],
    ['replica', 'leader', 'known', 'no-replica', 'no-replica'],
    ['wait', 'leader', 'checked', 'no-replica', 'no-replica'],
  ] as const)('%s, %s, %s: %s', (step, role, assurance, reason, forwarded) => {
    expect(reasonOf(step, { served: { role }, assurance })).toEqual({ reason, forwarded });
  });
});

describe('isWorthRetrying', () => {
  const failure = (code: string) => Object.assign(new Error(code), { code });

  it.each([
    ['a connection that was cut', failure('ECONNRESET'), true],
    ['a query that recovery on a standby has cancelled', failure('40001'), true],
    ['a pool without a free connection', new Error('timeout exceeded when trying to connect'), true],
    ['a node of the wrong role', failure('WRONG_ROLE'), true],
    ['a replica that is behind', new PostgresHaError('replicas_behind'), true],
    ['a write on the read side', failure('25006'), false],
    ['an error in the statement', failure('42601'), false],
    ['a token of another cluster', new PostgresHaError('consistency_token_foreign'), false],
  ])('%s', (_, error, isWorth) => {
    expect(isWorthRetrying(error)).toBe(isWorth);
  });
});
