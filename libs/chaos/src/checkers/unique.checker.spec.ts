import { describe, expect, it } from '@jest/globals';
import { create, memberState, read } from '../../test/support/operations.js';
import type { Operation } from '../history/operation.js';
import { checkUniques } from './unique.checker.js';

const ok = create('a', [1, 2]);
const failed = create('a', [1, 2], { outcome: 'failed' });
const shown = (rest: Partial<Operation> = {}) => read('unique', 'a', 1, [3, 4], rest);
const promised = shown({ consistency: 'session' });
const unpromised = shown({ consistency: 'eventual' });
const unknown = create('a', [1, 2], { outcome: 'unknown' });

describe('checkUniques', () => {
  it('finds a row that nobody created', () => {
    expect(checkUniques([], memberState({ a: 1 })).ghosts.count).toBe(1);
    expect(checkUniques([unpromised], memberState()).ghosts.count).toBe(1);
    expect(checkUniques([unpromised], memberState({ a: 1 })).ghosts.count).toBe(1);
  });

  it.each([
    // What clients were told, rows at the end; lost, ghosts, unknown but there, duplicates.
    ['acknowledged, there', [ok], 1, 0, 0, 0, 0],
    ['acknowledged, gone', [ok], 0, 1, 0, 0, 0],
    ['acknowledged, twice', [ok], 2, 0, 0, 0, 1],
    ['acknowledged, three times', [ok], 3, 0, 0, 0, 2],
    ['failed, gone', [failed], 0, 0, 0, 0, 0],
    ['failed, there', [failed], 1, 0, 1, 0, 0],
    ['unknown, gone', [unknown], 0, 0, 0, 0, 0],
    ['unknown, there', [unknown], 1, 0, 0, 1, 0],
    ['unknown, twice', [unknown], 2, 0, 0, 1, 1],
    ['failed, repeated with success, gone', [failed, ok], 0, 1, 0, 0, 0],
    ['success, its repetition failed, there', [ok, failed], 1, 0, 0, 0, 0],
    ['failed, its repetition unknown, there', [failed, unknown], 1, 0, 0, 1, 0],
    ['unknown, its repetition failed, there', [unknown, failed], 1, 0, 0, 1, 0],
    ['unknown, its repetition acknowledged, gone', [unknown, ok], 0, 1, 0, 0, 0],
    ['unknown, read by a session, gone', [unknown, promised], 0, 1, 0, 0, 0],
    ['unknown, read on the leader, gone', [unknown, shown()], 0, 1, 0, 0, 0],
    ['unknown, read by a session, there', [unknown, promised], 1, 0, 0, 1, 0],
    ['unknown, read without a promise, gone', [unknown, unpromised], 0, 0, 0, 0, 0],
    ['acknowledged, read by a session, gone', [ok, promised], 0, 1, 0, 0, 0],
    ['failed, read by anybody, gone', [failed, unpromised], 0, 0, 1, 0, 0],
    ['failed, read and there', [failed, unpromised], 1, 0, 1, 0, 0],
  ])('%s', (_, history, count, lost, ghosts, unknownPresent, duplicates) => {
    const outcome = checkUniques(history, memberState(count === 0 ? {} : { a: count }));
    expect({
      lost: outcome.lost.count,
      ghosts: outcome.ghosts.count,
      unknownPresent: outcome.unknownPresent,
      duplicates: outcome.duplicates.count,
    }).toEqual({ lost, ghosts, unknownPresent, duplicates });
  });

  it.each([
    ['nothing is lost', [create('a', [1, 2])], { a: 1 }, undefined],
    ['one row is lost', [create('a', [1, 2]), create('b', [3, 4])], { a: 1 }, 4],
    ['more than one is lost: the oldest counts', [create('a', [5, 6]), create('b', [3, 4])], {}, 4],
    ['only a row is lost that was never acknowledged', [unknown, promised], {}, undefined],
  ])('knows since when rows are lost when %s', (_, history, there, sinceMs) => {
    expect(checkUniques(history, memberState(there)).lostSinceMs).toBe(sinceMs);
  });

  it('gives the first few of many findings as examples', () => {
    const history = Array.from({ length: 100 }, (_, index) => create(`k${index}`, [1, 2]));
    const { lost } = checkUniques(history, memberState());
    expect(lost.count).toBe(100);
    expect(lost.examples).toHaveLength(5);
    expect(lost.examples[0]).toContain('k0');
  });
});
