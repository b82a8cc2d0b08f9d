import { describe, expect, it } from '@jest/globals';
import { type Expectations, type Figures, judge, safety } from './verdict.js';

const good: Figures = {
  acked: 100,
  lost: 0,
  ghosts: 0,
  duplicates: 0,
  staleReads: 3,
  staleLeaderReads: 0,
  readYourWritesViolations: 0,
  monotonicViolations: 0,
  lostUpdates: 0,
  linearizabilityViolations: 0,
  dualLeaderCommits: 0,
  divergentRows: 0,
  failedWrites: 4,
  unknownWrites: 1,
  httpFailed: 0,
  writeGapMs: 1_900,
  readGapMs: null,
  httpWriteGapMs: 1_950,
  httpReadGapMs: 20,
  longestRequestMs: 1_950,
  recoveryMissing: 0,
  recoveryExtra: 0,
  recoveryRtoMs: 5_000,
  rejoinMs: 8_000,
};

describe('judge', () => {
  it.each<[string, Expectations, Partial<Figures>, string[]]>([
    ['a good run', safety, {}, []],
    ['a run that did nothing', safety, { acked: 0 }, ['acked is 0, expected at least 1']],
    [
      'each figure out of bounds',
      safety,
      { lost: 2, duplicates: 1 },
      ['lost is 2, expected at most 0', 'duplicates is 1, expected at most 0'],
    ],
    ['a gap at its bound', { writeGapMs: { max: 1_900 } }, {}, []],
    ['a gap over its bound', { writeGapMs: { max: 1_899 } }, {}, ['writeGapMs is 1900, expected at most 1899']],
    ['a figure that was not measured', { readGapMs: { max: 1_000 } }, {}, ['readGapMs was not measured']],
    ['a figure that is no number', { lost: { max: 0 } }, { lost: Number.NaN }, ['lost was not measured']],
    ['a mutation whose damage was found', { ...safety, lost: { min: 1 } }, { lost: 7 }, []],
    ['a mutation whose damage was not found', { ...safety, lost: { min: 1 } }, {}, ['lost is 0, expected at least 1']],
    ['figures without bounds', {}, { lost: 9 }, []],
  ])('%s', (_, expectations, changes, reasons) => {
    expect(judge(expectations, { ...good, ...changes })).toEqual({ pass: reasons.length === 0, reasons });
  });
});
