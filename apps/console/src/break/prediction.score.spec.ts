import { describe, expect, it } from '@jest/globals';
import type { PhaseMark, Prediction } from '../../../../libs/live/src/protocol.js';
import { type Figures, nextLeader, scoresOf } from './prediction.score.js';

const mark = (name: PhaseMark['name'], afterMs: number, member?: string): PhaseMark => ({ name, afterMs, member });
const figures = (changed: Partial<Figures> = {}): Figures => ({
  pass: true,
  reasons: [],
  leader: 'b',
  leaderBefore: 'a',
  timelineBefore: 1,
  timelineAfter: 2,
  gaps: { sql: { writeMs: 20_000, readMs: 100 }, http: { writeMs: 20_000, readMs: 100 } },
  writeGapMs: 20_000,
  readGapMs: 100,
  longestRequestMs: 20_000,
  acked: 900,
  lost: 0,
  ghosts: 0,
  duplicates: 0,
  staleReads: 0,
  readYourWritesViolations: 0,
  monotonicViolations: 0,
  httpRequests: 2_000,
  httpFailed: 0,
  rejoinMs: null,
  marks: [mark('fault', 0), mark('lock released', 19_000), mark('new lock', 19_100, 'b'), mark('healed', 21_000)],
  ...changed,
});
const prediction: Prediction = { leader: 'b', writeGapMs: 20_000, loss: false };

describe('nextLeader', () => {
  it.each([
    ['the member that took the lock', [mark('lock released', 19_000), mark('new lock', 19_100, 'b')], 'b'],
    ['the leader of before when the lock never moved', [mark('fault', 0), mark('healed', 9_000)], 'a'],
    [
      'nobody when the lock was free until the fault was healed',
      [mark('lock released', 19_000), mark('healed', 30_000), mark('new lock', 33_000, 'a')],
      'nobody',
    ],
    ['the member that was promoted first, of two', [mark('promoted', 9_000, 'c'), mark('promoted', 3_000, 'b')], 'b'],
    ['who led at the end when nobody saw who took the lock', [mark('lock released', 900)], 'c'],
    [
      'who took the lock after healing when it was released only then',
      [mark('healed', 900), mark('lock released', 1_000), mark('new lock', 1_100, 'b')],
      'b',
    ],
  ])('is %s', (_title, marks, expected) => {
    expect(nextLeader({ marks, leaderBefore: 'a', leader: 'c' })).toBe(expected);
  });
});

describe('scoresOf', () => {
  const rights = (changed: Partial<Prediction>, measured: Partial<Figures> = {}) =>
    scoresOf({ ...prediction, ...changed }, figures(measured)).map(({ right }) => right);

  it.each([
    ['all three', {}, {}, [true, true, true]],
    ['not the leader', { leader: 'c' }, {}, [false, true, true]],
    ['the gap within a quarter', { writeGapMs: 24_900 }, {}, [true, true, true]],
    ['not the gap', { writeGapMs: 26_000 }, {}, [true, false, true]],
    ['a short gap within two seconds', { writeGapMs: 0 }, { writeGapMs: 1_900 }, [true, true, true]],
    ['no gap that was not measured', {}, { writeGapMs: null }, [true, null, true]],
    ['not the loss', { loss: true }, {}, [true, true, false]],
    ['a loss', { loss: true }, { lost: 3 }, [true, true, true]],
  ])('finds right: %s', (_title, changed, measured, expected) => {
    expect(rights(changed, measured)).toEqual(expected);
  });

  it('measures without a prediction, too', () => {
    expect(scoresOf(null, figures({ lost: 2 }))).toEqual([
      { question: 'Who leads next?', predicted: '–', measured: 'b', right: null },
      { question: 'How long does no write succeed?', predicted: '–', measured: '20.0 s', right: null },
      { question: 'Is anything acknowledged lost?', predicted: '–', measured: 'yes, 2 of 900', right: null },
    ]);
  });
});
