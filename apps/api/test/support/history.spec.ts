import { describe, expect, it } from '@jest/globals';
import { describeFailures, longestGapMs, lostUpdates, tally, type Attempt } from './history.js';

const attempt = (key: string, over: Partial<Attempt> = {}): Attempt => ({
  key,
  startedMs: 0,
  endedMs: 1,
  acknowledged: true,
  outcome: 201,
  ...over,
});

const failed = (key: string, outcome: number | string = 503) => attempt(key, { acknowledged: false, outcome });

describe('longestGapMs', () => {
  const window = { fromMs: 100, untilMs: 200 };

  it.each([
    ['measures between successes after the fault', [90, 110, 150, 190], 40],
    ['begins at the last success before the fault', [10, 60, 130, 180], 70],
    ['does not count a pause that ended before the fault', [0, 90, 110, 150, 195], 45],
    ['counts a gap that never closes up to the end', [90, 105], 95],
    ['is the whole window where nothing succeeded', [], 100],
    ['reaches back where nothing succeeded after the fault', [40], 160],
    ['does not need its input sorted', [190, 90, 150, 110], 40],
    ['ignores what came after the window', [90, 110, 150, 190, 900], 40],
  ])('%s', (_, successMs, gapMs) => {
    expect(longestGapMs(successMs, window)).toBe(gapMs);
  });
});

describe('tally', () => {
  it('finds nothing wrong where every acknowledged row is stored once', () => {
    const attempts = [attempt('a'), attempt('b')];
    expect(tally(attempts, new Map(attempts.map(({ key }) => [key, 1])))).toEqual({
      attempted: 2,
      acknowledged: 2,
      failed: 0,
      lost: [],
      duplicates: [],
      ghosts: [],
    });
  });

  it('calls an acknowledged row that is not stored lost', () => {
    expect(tally([attempt('a'), attempt('b')], new Map([['a', 1]])).lost).toEqual(['b']);
  });

  it('calls a row that is stored twice a duplicate, acknowledged or not', () => {
    const stored = new Map([
      ['a', 2],
      ['b', 2],
    ]);
    expect(tally([attempt('a'), failed('b')], stored).duplicates).toEqual(['a', 'b']);
  });

  it('calls a failed write that is stored a ghost, and one that is not neither', () => {
    expect(tally([failed('a'), failed('b')], new Map([['a', 1]]))).toMatchObject({
      ghosts: ['a'],
      lost: [],
      failed: 2,
    });
  });
});

describe('lostUpdates', () => {
  const update = (number: number, acknowledged = true) =>
    attempt(`u${number}`, { acknowledged, update: { row: 'r', number } });

  it.each([
    ['the last acknowledged number is stored', [update(1), update(2)], 2, []],
    ['one that was not acknowledged is stored', [update(1), update(2, false)], 2, []],
    ['an acknowledged number is gone', [update(1), update(2)], 1, ['r']],
    ['a number is stored that nobody wrote', [update(1)], 7, ['r']],
  ])('%s', (_, attempts, stored, lost) => {
    expect(lostUpdates(attempts, new Map([['r', stored]]))).toEqual(lost);
  });

  it('counts a row that is gone', () => {
    expect(lostUpdates([update(1)], new Map())).toEqual(['r']);
  });
});

describe('describeFailures', () => {
  it('counts by outcome', () => {
    expect(describeFailures([attempt('a'), failed('b'), failed('c'), failed('d', 'ECONNRESET')])).toBe(
      '503×2, ECONNRESET×1',
    );
  });

  it('says none', () => {
    expect(describeFailures([attempt('a')])).toBe('none');
  });
});
