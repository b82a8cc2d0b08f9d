import { describe, expect, it } from '@jest/globals';
import { memberState, read, set } from '../../test/support/operations.js';
import type { Operation } from '../history/operation.js';
import { checkLinearizability } from './linearizability.checker.js';

const get = (value: number | null, times: readonly [number, number], rest: Partial<Operation> = {}) =>
  read('register', 'r', value, times, rest);
const put = (value: number, times: readonly [number, number], rest: Partial<Operation> = {}) =>
  set('r', value, times, rest);

const unknown = { outcome: 'unknown' } as const;

describe('checkLinearizability', () => {
  // The history, the value at the end, the number of violations.
  it.each<[string, Operation[], number | null, number]>([
    ['one after the other', [put(1, [0, 1]), get(1, [2, 3]), put(2, [4, 5]), get(2, [6, 7])], 2, 0],
    ['an old value after a newer write', [put(1, [0, 1]), put(2, [4, 5]), get(1, [6, 7])], 2, 1],
    ['an old value during a newer write', [put(1, [0, 1]), put(2, [4, 7]), get(1, [5, 6])], 2, 0],
    ['a new value before its write ended', [put(1, [0, 1]), put(2, [4, 9]), get(2, [5, 6])], 2, 0],
    [
      'a new value, then the old one again, during the write',
      [put(1, [0, 1]), put(2, [4, 9]), get(2, [5, 6]), get(1, [7, 8])],
      2,
      1,
    ],
    ['a value before its write began', [put(1, [4, 5]), get(1, [1, 2])], 1, 1],
    [
      'two values that alternate',
      [put(1, [0, 9]), put(2, [0, 9]), get(1, [10, 11]), get(2, [12, 13]), get(1, [14, 15])],
      1,
      1,
    ],
    ['nothing before the first write', [get(null, [0, 1]), put(1, [2, 3])], 1, 0],
    ['nothing after the first write', [put(1, [2, 3]), get(null, [4, 5])], 1, 1],
    [
      'an unknown write, read much later',
      [put(1, [0, 1]), put(2, [2, 3], unknown), get(1, [4, 5]), get(2, [6, 7])],
      2,
      0,
    ],
    [
      'an unknown write, read, then gone',
      [put(1, [0, 1]), put(2, [2, 3], unknown), get(2, [4, 5]), get(1, [6, 7])],
      1,
      1,
    ],
    ['an unknown write, never read', [put(1, [0, 1]), put(2, [2, 3], unknown), get(1, [4, 5])], 1, 0],
    ['a failed write, read', [put(1, [0, 1], { outcome: 'failed' }), get(1, [2, 3])], null, 1],
    ['a value nobody wrote', [put(1, [0, 1]), get(7, [2, 3])], 1, 1],
    [
      'a stale read that promised nothing',
      [put(1, [0, 1]), put(2, [4, 5]), get(1, [6, 7], { consistency: 'eventual' })],
      2,
      0,
    ],
    ['a failed read', [put(1, [0, 1]), put(2, [4, 5]), get(1, [6, 7], unknown)], 2, 0],
    [
      'values within the long zone of another, after a short one',
      [
        put(1, [0, 1]),
        get(1, [100, 101]),
        put(2, [10, 11]),
        get(2, [20, 21]),
        put(3, [50, 51]),
        put(4, [60, 61]),
        get(4, [70, 71]),
      ],
      1,
      3,
    ],
    ['a write sent twice', [put(1, [0, 1], unknown), put(1, [2, 3]), get(1, [4, 5])], 1, 0],
    ['an unknown write, read, then gone at the end', [put(1, [0, 1]), put(2, [2, 9], unknown), get(2, [4, 5])], 1, 1],
    ['an unknown write, read and there at the end', [put(1, [0, 1]), put(2, [2, 9], unknown), get(2, [4, 5])], 2, 0],
    [
      'an unknown write, gone after a read that promised nothing',
      [put(1, [0, 1]), put(2, [2, 9], unknown), get(2, [4, 5], { consistency: 'replica' })],
      1,
      0,
    ],
    ['an unknown write that comes at the end', [put(1, [0, 1]), put(2, [2, 3], unknown), get(1, [4, 5])], 2, 0],
    ['an acknowledged value, gone at the end', [put(1, [0, 1])], null, 1],
    ['a last value that nobody wrote: another checker reports it', [put(1, [0, 1])], 9, 0],
  ])('%s', (_, history, last, violations) => {
    const final = memberState({}, last === null ? {} : { r: last });
    expect(checkLinearizability(history, final).count).toBe(violations);
  });

  it('judges each register by itself', () => {
    expect(
      checkLinearizability(
        [set('a', 1, [0, 1]), set('b', 2, [2, 3]), read('register', 'a', 1, [4, 5])],
        memberState({}, { a: 1, b: 2 }),
      ).count,
    ).toBe(0);
  });
});
