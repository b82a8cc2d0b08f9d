import { describe, expect, it } from '@jest/globals';
import { add, create, read, set } from '../../test/support/operations.js';
import type { Operation } from '../history/operation.js';
import { rowOrderOf } from './row.order.js';
import { checkStaleness } from './staleness.checker.js';

const staleness = (history: Operation[]) => checkStaleness(history, rowOrderOf(history));
const replica = { consistency: 'replica', session: 't' } as const;

describe('checkStaleness', () => {
  it.each<[string, Operation[], number | null]>([
    ['a row that was acknowledged 40 ms before', [create('a', [0, 10]), read('unique', 'a', 0, [50, 51], replica)], 40],
    ['a row that was not acknowledged yet', [create('a', [0, 60]), read('unique', 'a', 0, [50, 51], replica)], null],
    [
      'a row that was never acknowledged',
      [create('a', [0, 10], { outcome: 'unknown' }), read('unique', 'a', 0, [50, 51], replica)],
      null,
    ],
    [
      'a counter that lacks two additions: the age counts from the first',
      [add('c', 1, [0, 10]), add('c', 1, [11, 20]), add('c', 1, [21, 30]), read('counter', 'c', 1, [50, 51], replica)],
      30,
    ],
    [
      'a counter that shows more than was acknowledged',
      [add('c', 1, [0, 10]), add('c', 5, [11, 99]), read('counter', 'c', 6, [50, 51], replica)],
      null,
    ],
    [
      'a register that lacks one write',
      [set('r', 1, [0, 10]), set('r', 2, [11, 20]), read('register', 'r', 1, [50, 51], replica)],
      30,
    ],
    [
      'a register with the last value',
      [set('r', 1, [0, 10]), set('r', 2, [11, 20]), read('register', 'r', 2, [50, 51], replica)],
      null,
    ],
    ['a register before its first value', [set('r', 1, [0, 10]), read('register', 'r', null, [50, 51], replica)], 40],
    [
      'a register that lacks a write acknowledged before slower ones',
      [
        set('r', 4, [2, 7]),
        set('r', 2, [10, 12]),
        set('r', 3, [5, 15]),
        set('r', 5, [6, 16]),
        read('register', 'r', 4, [50, 51], replica),
      ],
      38,
    ],
    [
      'a register with one of two values whose writes overlapped',
      [set('r', 1, [0, 12]), set('r', 2, [11, 20]), read('register', 'r', 1, [50, 51], replica)],
      null,
    ],
    [
      'a read that failed',
      [create('a', [0, 10]), read('unique', 'a', 0, [50, 51], { ...replica, outcome: 'failed' })],
      null,
    ],
  ])('%s', (_, history, ageMs) => {
    const { stale, ageMs: age } = staleness(history).replica ?? { stale: 0, ageMs: { max: null } };
    expect([stale, age.max]).toEqual([ageMs === null ? 0 : 1, ageMs]);
  });

  it('counts by the consistency that was asked for, and puts ages into buckets', () => {
    const history = [
      create('a', [0, 10]),
      read('unique', 'a', 0, [11.5, 12], { consistency: 'eventual' }),
      read('unique', 'a', 0, [20, 21], { consistency: 'eventual' }),
      read('unique', 'a', 0, [60_000, 60_001], { consistency: 'eventual' }),
      read('unique', 'a', 1, [5, 12], { consistency: 'session' }),
    ];
    const { eventual, session } = staleness(history);
    expect(session).toMatchObject({ reads: 1, stale: 0 });
    expect(eventual).toMatchObject({ reads: 3, stale: 3, ageMs: { p50: 10, max: 59_990 } });
    expect(eventual?.histogram.filter(({ count }) => count > 0)).toEqual([
      { fromMs: 1, toMs: 2, count: 1 },
      { fromMs: 10, toMs: 20, count: 1 },
      { fromMs: 30_000, toMs: null, count: 1 },
    ]);
  });
});
