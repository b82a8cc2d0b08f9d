import { describe, expect, it } from '@jest/globals';
import { finalState, memberState } from '../../test/support/operations.js';
import { checkDivergence } from './divergence.checker.js';

const leader = memberState({ a: 1, b: 1 }, { r: 5 });

describe('checkDivergence', () => {
  it.each([
    ['the same', memberState({ a: 1, b: 1 }, { r: 5 }, 'p2'), 0],
    ['one row missing', memberState({ a: 1 }, { r: 5 }, 'p2'), 1],
    ['one row more', memberState({ a: 1, b: 1, c: 1 }, { r: 5 }, 'p2'), 1],
    ['a row twice', memberState({ a: 2, b: 1 }, { r: 5 }, 'p2'), 1],
    ['another value', memberState({ a: 1, b: 1 }, { r: 4 }, 'p2'), 1],
    ['everything missing', memberState({}, {}, 'p2'), 3],
  ])('%s', (_, replica, rows) => {
    expect(checkDivergence(finalState(leader, replica)).count).toBe(rows);
  });

  it('counts a member that could not be read', () => {
    const state = { ...finalState(leader), unreadable: [{ member: 'p3', reason: 'refused' }] };
    expect(checkDivergence(state)).toEqual({ count: 1, examples: ['p3 could not be read: refused'] });
  });
});
