import { describe, expect, it } from '@jest/globals';
import { add, memberState, read, set } from '../../test/support/operations.js';
import type { Operation } from '../history/operation.js';
import { checkUpdates } from './update.checker.js';

const verdictOf = (history: Operation[], shared: Record<string, number>) => {
  const { lost, excess, ghosts } = checkUpdates(history, memberState({}, shared));
  return [lost.count, excess.count, ghosts.count];
};

describe('checkUpdates of a counter', () => {
  const one = (outcome: Operation['outcome'], rest: Partial<Operation> = {}) =>
    add('c', 1, [1, 2], { outcome, ...rest });
  const shown = (value: number, rest: Partial<Operation> = {}) => read('counter', 'c', value, [3, 4], rest);

  it.each([
    ['all there', [one('ok'), one('ok')], 2, [0, 0, 0]],
    ['one missing', [one('ok'), one('ok')], 1, [1, 0, 0]],
    ['the row gone', [one('ok'), one('ok')], undefined, [2, 0, 0]],
    ['one too many', [one('ok')], 2, [0, 1, 0]],
    ['unknown, there', [one('ok'), one('unknown')], 2, [0, 0, 0]],
    ['unknown, not there', [one('ok'), one('unknown')], 1, [0, 0, 0]],
    ['unknown, applied twice', [one('ok'), one('unknown')], 3, [0, 1, 0]],
    ['failed, there', [one('failed')], 1, [0, 0, 1]],
    ['failed, applied twice', [one('failed')], 2, [0, 1, 1]],
    [
      'an unknown addition hides a lost one in the sum, the returned values show it',
      [one('ok', { returned: 1 }), one('ok', { returned: 1 }), one('unknown')],
      2,
      [1, 0, 0],
    ],
    [
      'a lost one shows in the sum and in the returned value, and counts once',
      [one('ok', { returned: 1 }), one('ok', { returned: 1 })],
      1,
      [1, 0, 0],
    ],
    [
      'an unknown addition hides a lost one in the sum, the value that the lost one returned shows it',
      [one('ok', { returned: 2 }), one('unknown')],
      1,
      [1, 0, 0],
    ],
    ['an unknown one was read on the leader and is gone', [one('ok'), one('unknown'), shown(2)], 1, [1, 0, 0]],
    ['an unknown one was read and is there', [one('ok'), one('unknown'), shown(2)], 2, [0, 0, 0]],
    [
      'an unknown one was read on a replica and is gone',
      [one('ok'), one('unknown'), shown(2, { consistency: 'replica' })],
      1,
      [0, 0, 0],
    ],
    [
      'a failed one was read on a replica',
      [one('ok'), one('failed'), shown(2, { consistency: 'replica' })],
      1,
      [0, 0, 1],
    ],
    ['more was read than was added', [one('ok'), shown(3, { consistency: 'replica' })], 1, [0, 2, 0]],
    ['a failed read shows nothing', [one('ok'), shown(3, { outcome: 'failed' })], 1, [0, 0, 0]],
    [
      'a replayed answer repeats the returned value, which is no collision',
      [one('ok', { returned: 1 }), one('ok', { returned: 1, replayed: true, value: 0 })],
      1,
      [0, 0, 0],
    ],
  ])('%s', (_, history, final, expected) => {
    expect(verdictOf(history, final === undefined ? {} : { c: final })).toEqual(expected);
  });
});

describe('checkUpdates of a register', () => {
  const first = set('r', 1, [0, 10]);
  it.each([
    ['the last write', [first, set('r', 2, [11, 20])], 2, [0, 0, 0]],
    ['an older write', [first, set('r', 2, [11, 20])], 1, [1, 0, 0]],
    ['either of two that overlapped', [first, set('r', 2, [9, 20])], 1, [0, 0, 0]],
    [
      'an unknown write, however early it was sent',
      [set('r', 3, [0, 1], { outcome: 'unknown' }), set('r', 2, [11, 20])],
      3,
      [0, 0, 0],
    ],
    [
      'the acknowledged write, not the unknown one',
      [first, set('r', 2, [11, 20], { outcome: 'unknown' })],
      1,
      [0, 0, 0],
    ],
    ['a failed write', [first, set('r', 2, [11, 20], { outcome: 'failed' })], 2, [0, 0, 1]],
    ['a value that nobody wrote', [first], 9, [0, 0, 1]],
    ['nothing, though one was acknowledged', [first], undefined, [1, 0, 0]],
    ['nothing, and nothing was acknowledged', [set('r', 1, [0, 10], { outcome: 'unknown' })], undefined, [0, 0, 0]],
  ])('%s', (_, history, final, expected) => {
    expect(verdictOf(history, final === undefined ? {} : { r: final })).toEqual(expected);
  });
});
