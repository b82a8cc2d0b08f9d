import { describe, expect, it } from '@jest/globals';
import { Schedule } from './schedule.js';

const count = (kinds: readonly string[], kind: string) => kinds.filter((name) => name === kind).length;

describe('A schedule', () => {
  it('gives each operation its own due time, however late it is asked', () => {
    const schedule = new Schedule(100, { a: 1 });
    expect([...schedule.due(20)].map(({ dueMs }) => dueMs)).toEqual([0, 10, 20]);
    expect([...schedule.due(20)]).toEqual([]);
    expect([...schedule.due(55)].map(({ dueMs }) => dueMs)).toEqual([30, 40, 50]);
  });

  it('gives all operations that came due during a stall, with the times at which they were due', () => {
    const schedule = new Schedule(200, { a: 1 });
    expect([...schedule.due(10_000)]).toHaveLength(2_001);
  });

  it('gives each kind its share, evenly spread', () => {
    const kinds = [...new Schedule(100, { a: 3, b: 1 }).due(9_990)].map(({ kind }) => kind);
    expect([count(kinds, 'a'), count(kinds, 'b')]).toEqual([750, 250]);
    expect(count(kinds.slice(0, 8), 'b')).toBe(2);
  });

  it('gives nothing to a kind without a share', () => {
    expect([...new Schedule(10, { a: 1, b: 0 }).due(1_000)].every(({ kind }) => kind === 'a')).toBe(true);
  });
});
