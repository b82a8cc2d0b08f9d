import { describe, expect, it } from '@jest/globals';
import { add, create, read, set, type Times } from '../../test/support/operations.js';
import type { Operation } from '../history/operation.js';
import { rowOrderOf } from './row.order.js';
import { checkSessions } from './session.checker.js';

const verdictOf = (history: Operation[]) => {
  const { readYourWrites, monotonicReads } = checkSessions(history, rowOrderOf(history));
  return [readYourWrites.count, monotonicReads.count];
};
const session = { consistency: 'session' } as const;
const get = (value: number, times: Times, rest: Partial<Operation> = {}) =>
  read('register', 'r', value, times, { ...session, ...rest });
const overlapping = [set('r', 1, [0, 9], { session: 't' }), set('r', 2, [0, 9], { session: 't' })];

describe('checkSessions', () => {
  it.each<[string, Operation[], number[]]>([
    ['sees its new row', [create('a', [0, 1]), read('unique', 'a', 1, [2, 3], session)], [0, 0]],
    ['misses its new row', [create('a', [0, 1]), read('unique', 'a', 0, [2, 3], session)], [1, 0]],
    [
      'misses a row whose write got no answer',
      [create('a', [0, 1], { outcome: 'unknown' }), read('unique', 'a', 0, [2, 3], session)],
      [0, 0],
    ],
    ['reads before its write ended', [create('a', [0, 5]), read('unique', 'a', 0, [2, 6], session)], [0, 0]],
    [
      'misses the row of another session',
      [create('a', [0, 1], { session: 't' }), read('unique', 'a', 0, [2, 3], session)],
      [0, 0],
    ],
    [
      'misses its row in a read that promises nothing',
      [create('a', [0, 1]), read('unique', 'a', 0, [2, 3], { consistency: 'eventual' })],
      [0, 0],
    ],
    ['misses its row on the leader', [create('a', [0, 1]), read('unique', 'a', 0, [2, 3])], [1, 0]],
    [
      'a failed read shows nothing',
      [create('a', [0, 1]), read('unique', 'a', 0, [2, 3], { outcome: 'failed' })],
      [0, 0],
    ],
    [
      'loses a row it had seen',
      [create('a', [0, 1], { session: 't' }), read('unique', 'a', 1, [2, 3]), read('unique', 'a', 0, [4, 5])],
      [0, 1],
    ],
    ['sees its addition', [add('c', 2, [0, 1]), read('counter', 'c', 2, [2, 3], session)], [0, 0]],
    ['misses its addition', [add('c', 2, [0, 1]), read('counter', 'c', 0, [2, 3], session)], [1, 0]],
    [
      'misses what was there before its own addition',
      [add('c', 1, [0, 1], { session: 't' }), add('c', 1, [2, 3]), read('counter', 'c', 1, [4, 5], session)],
      [1, 0],
    ],
    [
      'may miss what other sessions added meanwhile',
      [add('c', 1, [0, 5], { session: 't' }), add('c', 1, [2, 3]), read('counter', 'c', 1, [6, 7], session)],
      [0, 0],
    ],
    [
      'must see the value that its addition returned',
      [add('c', 1, [2, 3], { returned: 4 }), read('counter', 'c', 3, [4, 5], session)],
      [1, 0],
    ],
    [
      'a counter goes back',
      [
        add('c', 2, [0, 1], { session: 't' }),
        read('counter', 'c', 2, [2, 3], session),
        read('counter', 'c', 1, [4, 5], session),
      ],
      [0, 1],
    ],
    [
      'a counter goes back in an eventual read',
      [read('counter', 'c', 2, [2, 3], session), read('counter', 'c', 1, [4, 5], { consistency: 'eventual' })],
      [0, 0],
    ],
    [
      'an eventual read binds nothing',
      [read('counter', 'c', 2, [2, 3], { consistency: 'eventual' }), read('counter', 'c', 1, [4, 5], session)],
      [0, 0],
    ],
    [
      'overlapping reads may differ',
      [read('counter', 'c', 2, [2, 5], session), read('counter', 'c', 1, [4, 6], session)],
      [0, 0],
    ],
    ['sees its value', [set('r', 1, [0, 1]), read('register', 'r', 1, [2, 3], session)], [0, 0]],
    [
      'sees the value before its own',
      [set('r', 1, [0, 1]), set('r', 2, [2, 3]), read('register', 'r', 1, [4, 5], session)],
      [1, 0],
    ],
    ['sees nothing after its own', [set('r', 1, [0, 1]), read('register', 'r', null, [2, 3], session)], [1, 0]],
    [
      'sees a value that overlapped its own',
      [set('r', 1, [0, 3], { session: 't' }), set('r', 2, [2, 4]), read('register', 'r', 1, [5, 6], session)],
      [0, 0],
    ],
    [
      'sees an unknown value late',
      [set('r', 9, [0, 1], { outcome: 'unknown' }), set('r', 2, [2, 3]), read('register', 'r', 9, [5, 6], session)],
      [0, 0],
    ],
    [
      'sees an unknown value that was there long before its own',
      [
        set('r', 9, [0, 1], { outcome: 'unknown' }),
        read('register', 'r', 9, [1, 2], { session: 't', consistency: 'eventual' }),
        set('r', 2, [3, 4]),
        read('register', 'r', 9, [5, 6], session),
      ],
      [1, 0],
    ],
    [
      'a register goes back',
      [
        set('r', 1, [0, 1], { session: 't' }),
        set('r', 2, [2, 3], { session: 't' }),
        read('register', 'r', 2, [4, 5]),
        read('register', 'r', 1, [6, 7]),
      ],
      [0, 1],
    ],
    [
      'a register goes back to one that overlapped',
      [
        set('r', 1, [0, 3], { session: 't' }),
        set('r', 2, [2, 3], { session: 't' }),
        read('register', 'r', 2, [4, 5]),
        read('register', 'r', 1, [6, 7]),
      ],
      [0, 0],
    ],
    [
      'goes there and back between two that overlapped',
      [...overlapping, get(1, [10, 11]), get(2, [12, 13]), get(1, [14, 15])],
      [0, 1],
    ],
    [
      'goes there, back and there again: it went back once',
      [...overlapping, get(1, [10, 11]), get(2, [12, 13]), get(1, [14, 15]), get(2, [16, 17])],
      [0, 1],
    ],
    [
      'goes back to its own write',
      [set('r', 1, [0, 9]), set('r', 2, [0, 9], { session: 't' }), get(2, [10, 11]), get(1, [12, 13])],
      [0, 1],
    ],
    [
      'meets two values in reads that overlapped',
      [...overlapping, get(1, [10, 13]), get(2, [12, 14]), get(1, [15, 16])],
      [0, 0],
    ],
    [
      'meets the second value while it still meets the first',
      [...overlapping, get(1, [10, 11]), get(2, [12, 20]), get(1, [13, 14]), get(1, [21, 22])],
      [0, 1],
    ],
    [
      'goes there and back in reads that promise nothing',
      [...overlapping, get(1, [10, 11]), get(2, [12, 13], { consistency: 'eventual' }), get(1, [14, 15])],
      [0, 0],
    ],
    [
      'goes there and another session back',
      [...overlapping, get(1, [10, 11]), get(2, [12, 13]), get(1, [14, 15], { session: 'u' })],
      [0, 0],
    ],
  ])('%s', (_, history, expected) => {
    expect(verdictOf(history)).toEqual(expected);
    expect(verdictOf(history.toReversed())).toEqual(expected);
  });
});
