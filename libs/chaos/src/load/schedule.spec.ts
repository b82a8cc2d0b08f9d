import { describe, expect, it } from '@jest/globals';
import { Schedule } from './schedule.js';

const count = (lanes: readonly string[], lane: string) => lanes.filter((name) => name === lane).length;

describe('A schedule', () => {
  it('gives each operation its time, whenever it is asked', () => {
    const schedule = new Schedule(100, { a: 1 });
    expect([...schedule.due(20)].map(({ dueMs }) => dueMs)).toEqual([0, 10, 20]);
    expect([...schedule.due(20)]).toEqual([]);
    expect([...schedule.due(55)].map(({ dueMs }) => dueMs)).toEqual([30, 40, 50]);
  });

  it('owes what a stall kept it from giving, at the old times', () => {
    const schedule = new Schedule(200, { a: 1 });
    expect([...schedule.due(10_000)]).toHaveLength(2_001);
  });

  it('shares the rate out evenly', () => {
    const lanes = [...new Schedule(100, { a: 3, b: 1 }).due(9_990)].map(({ lane }) => lane);
    expect([count(lanes, 'a'), count(lanes, 'b')]).toEqual([750, 250]);
    expect(count(lanes.slice(0, 8), 'b')).toBe(2);
  });

  it('leaves a lane with no share out', () => {
    expect([...new Schedule(10, { a: 1, b: 0 }).due(1_000)].every(({ lane }) => lane === 'a')).toBe(true);
  });
});
