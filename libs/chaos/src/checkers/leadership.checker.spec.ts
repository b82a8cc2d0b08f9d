import { describe, expect, it } from '@jest/globals';
import { create, type Times } from '../../test/support/operations.js';
import type { Operation } from '../history/operation.js';
import { checkLeadership } from './leadership.checker.js';

const by = (member: string, timeline: number, times: Times, rest: Partial<Operation> = {}) =>
  create('k', times, { member, timeline, ...rest });

const term = [by('p2', 2, [0, 1]), by('p2', 2, [4, 5])];

describe('checkLeadership', () => {
  it.each<[string, Operation[], number]>([
    ['one leader', [by('p1', 1, [0, 1]), by('p1', 1, [2, 3])], 0],
    ['a failover', [by('p1', 1, [0, 1]), by('p2', 2, [2, 3])], 0],
    ['there and back', [by('p1', 1, [0, 1]), by('p2', 2, [2, 3]), by('p1', 3, [4, 5])], 0],
    ['an old leader after the new one', [by('p1', 1, [0, 1]), by('p2', 2, [2, 3]), by('p1', 1, [4, 5])], 1],
    [
      'an old leader before the first write of the new one was acknowledged',
      [by('p2', 2, [2, 5]), by('p1', 1, [4, 6])],
      0,
    ],
    ['an old leader after a leader whose timeline is newer by two', [by('p3', 3, [0, 1]), by('p1', 1, [4, 5])], 1],
    [
      'two old leaders, the older one before the other',
      [by('p3', 3, [0, 1]), by('p1', 1, [4, 5]), by('p2', 2, [8, 9])],
      2,
    ],
    ['an old leader that did not succeed', [by('p2', 2, [2, 3]), by('p1', 1, [4, 5], { outcome: 'unknown' })], 0],
    ['an old leader that names no timeline', [...term, create('k', [2, 3], { member: 'p1' })], 1],
    ['the leader itself, that names no timeline', [...term, create('k', [2, 3], { member: 'p2' })], 0],
    [
      'an answer from the store of idempotency keys',
      [...term, create('k', [2, 3], { member: 'p1', replayed: true })],
      0,
    ],
    ['two members on one timeline', [by('p1', 2, [0, 1]), by('p2', 2, [2, 3])], 1],
  ])('%s', (_, history, dual) => {
    expect(checkLeadership(history).dual.count).toBe(dual);
  });

  it('counts the writes that it could not judge', () => {
    expect(checkLeadership([create('a', [0, 1]), create('b', [0, 1], { member: 'p1' })]).unjudged).toBe(2);
  });
});
