import { describe, expect, it } from '@jest/globals';
import { create } from '../../test/support/operations.js';
import type { RunEvent } from '../history/run.event.js';
import type { Gap } from './gap.checker.js';
import { phasesOf } from './phases.js';

const event = (kind: RunEvent['kind'], atMs: number, member = 'p2'): RunEvent => ({
  kind,
  atMs,
  source: 'patroni',
  member,
});
const gap = (fromMs: number, toMs: number, recovered = true): Gap => ({
  gapMs: toMs - fromMs,
  fromMs,
  toMs,
  recovered,
});
const noGaps = { before: undefined, after: undefined };

describe('phasesOf', () => {
  it('count from the fault to the first event of each kind after it', () => {
    const events = [
      event('promoted', 50),
      event('promoted', 1_400),
      event('fault', 1_000),
      event('lockReleased', 1_200),
      event('newLock', 1_300),
      event('haproxyDown', 1_100),
      event('haproxyUp', 1_600),
    ];
    const history = [
      create('a', [900, 990], { outcome: 'failed' }),
      create('b', [1_000, 1_050], { outcome: 'unknown' }),
      create('c', [1_060, 1_070], { outcome: 'failed' }),
    ];
    expect(phasesOf(history, events, { before: gap(700, 800), after: gap(980, 1_650) })).toEqual({
      firstErrorMs: 50,
      haproxyDownMs: 100,
      lockReleasedMs: 200,
      newLockMs: 300,
      promotedMs: 400,
      haproxyUpMs: 600,
      firstSuccessMs: 650,
    });
  });

  it('are null where nothing was seen', () => {
    const { firstSuccessMs, promotedMs, firstErrorMs } = phasesOf([], [event('fault', 0)], {
      before: undefined,
      after: gap(0, 5, false),
    });
    expect([firstSuccessMs, promotedMs, firstErrorMs]).toEqual([null, null, null]);
  });

  it.each<[string, RunEvent[], (number | null)[]]>([
    ['nobody was promoted', [event('newLock', 2, 'p1'), event('haproxyUp', 3, 'p1')], [2, null, 3]],
    [
      'another held the lock in between',
      [
        event('newLock', 2, 'p3'),
        event('newLock', 4),
        event('promoted', 5),
        event('haproxyUp', 6, 'p3'),
        event('haproxyUp', 7),
      ],
      [4, 5, 7],
    ],
    [
      'the lead came and went',
      [
        event('newLock', 2),
        event('promoted', 3),
        event('haproxyUp', 4),
        event('newLock', 5, 'p3'),
        event('promoted', 6, 'p3'),
        event('haproxyUp', 7, 'p3'),
        event('newLock', 8),
        event('promoted', 9),
        event('haproxyUp', 10),
      ],
      [8, 9, 10],
    ],
    ['its lock was not seen', [event('newLock', 2, 'p3'), event('promoted', 5)], [null, 5, null]],
  ])('takes lock and HAProxy of the member that was promoted last: %s', (_, events, expected) => {
    for (const seen of [events, events.toReversed()]) {
      const { newLockMs, promotedMs, haproxyUpMs } = phasesOf([], [event('fault', 0), ...seen], noGaps);
      expect([newLockMs, promotedMs, haproxyUpMs]).toEqual(expected);
    }
  });

  it.each([
    ['no longer than those before the fault', gap(-20, -10), gap(3, 13), null],
    ['twice as long as those before', gap(-20, -10), gap(3, 23), null],
    ['longer', gap(-20, -10), gap(3, 24), 24],
    ['of a run without a write before', undefined, gap(3, 13), 13],
  ])('has a first success after an outage alone: a gap %s', (_, before, after, firstSuccessMs) => {
    expect(phasesOf([], [event('fault', 0)], { before, after }).firstSuccessMs).toBe(firstSuccessMs);
  });

  it.each([
    ['without a fault', []],
    ['with several', [event('fault', 0), event('fault', 3)]],
  ])('has nothing to count from %s', (_, faults) => {
    const history = [create('a', [0, 1], { outcome: 'failed' })];
    const phases = phasesOf(history, [...faults, event('promoted', 5)], { before: gap(0, 1), after: gap(1, 9) });
    expect(Object.values(phases).every((phase) => phase === null)).toBe(true);
  });
});
