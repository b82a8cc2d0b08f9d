import { describe, expect, it } from '@jest/globals';
import { create } from '../../test/support/operations.js';
import type { RunEvent } from '../history/run.event.js';
import { phasesOf } from './phases.js';

const event = (kind: RunEvent['kind'], atMs: number): RunEvent => ({ kind, atMs, source: 'patroni' });

describe('phasesOf', () => {
  it('counts from the fault to the first of each kind after it', () => {
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
    expect(phasesOf(history, events, { gapMs: 0, fromMs: 980, toMs: 1_650, recovered: true })).toEqual({
      firstErrorMs: 50,
      haproxyDownMs: 100,
      lockReleasedMs: 200,
      newLockMs: 300,
      promotedMs: 400,
      haproxyUpMs: 600,
      firstSuccessMs: 650,
    });
  });

  it('leaves empty what was not seen', () => {
    const { firstSuccessMs, promotedMs, firstErrorMs } = phasesOf([], [event('fault', 0)], {
      gapMs: 5,
      fromMs: 0,
      toMs: 5,
      recovered: false,
    });
    expect([firstSuccessMs, promotedMs, firstErrorMs]).toEqual([null, null, null]);
  });

  it.each([
    ['without a fault', []],
    ['with several', [event('fault', 0), event('fault', 3)]],
  ])('has nothing to count from %s', (_, faults) => {
    const history = [create('a', [0, 1], { outcome: 'failed' })];
    const phases = phasesOf(history, [...faults, event('promoted', 5)], undefined);
    expect(Object.values(phases).every((phase) => phase === null)).toBe(true);
  });
});
