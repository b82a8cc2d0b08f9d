import { describe, expect, it } from '@jest/globals';
import type { Activity } from '../../../../libs/live/src/protocol.js';
import { nextMarks } from './chart.marks.js';

const run = (sinceFaultMs: number | null): Activity => ({
  kind: 'run',
  fault: 'leader-kill',
  phase: 'broken',
  doing: '',
  sinceFaultMs,
  marks: [
    { name: 'fault', afterMs: 0 },
    { name: 'promoted', member: 'patroni2', afterMs: 800 },
  ],
  prediction: null,
  healedEarly: false,
});
const known = [{ name: 'fault', atMs: 1 }];

describe('nextMarks', () => {
  it('gives each mark of a run its time of day', () => {
    expect(nextMarks([], run(1_000), 60_000)).toEqual([
      { name: 'fault', atMs: 59_000 },
      { name: 'promoted', atMs: 59_800 },
    ]);
  });

  it('forgets the marks of the run before when another one has begun', () => {
    expect(nextMarks(known, run(null), 60_000)).toEqual([]);
  });

  it('keeps the marks of a run that has ended', () => {
    expect(nextMarks(known, { kind: 'idle' }, 60_000)).toBe(known);
  });
});
