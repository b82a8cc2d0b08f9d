import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../history/run.event.js';
import { leadershipReasons, type LeadershipDemands } from './leadership.reasons.js';

const none = { before: null, after: null };
const stayed = { before: 3, after: 3 };
const moved = { before: 3, after: 4 };

describe('The timelines of a run', () => {
  it.each<[string, boolean | undefined, typeof none | typeof stayed, string[]]>([
    ['may differ or not where the fault says nothing about failover', undefined, none, []],
    ['must differ after a fault that means a failover', true, moved, []],
    ['must be equal after a fault that means none', false, stayed, []],
    ['fail a fault that means a failover when they are equal', true, stayed, ['no other leader: still timeline 3']],
    ['fail a fault that means no failover when they differ', false, moved, ['a failover: timeline 3 became 4']],
    ['fail a run in which no timeline was seen', false, none, ['no timeline was seen']],
  ])('%s', (_, failover, timeline, reasons) => {
    const fault = failover === undefined ? { holdMs: 0 } : { holdMs: 0, failover };
    expect(leadershipReasons(fault, timeline, [])).toEqual(reasons);
  });
});

const leaderless: LeadershipDemands = { leaderless: true, holdMs: 26_000 };
const fault: RunEvent = { atMs: 4_000, kind: 'fault', source: 'chaos', member: 'patroni1' };
const released: RunEvent = { atMs: 23_000, kind: 'lockReleased', source: 'etcd' };
const healed: RunEvent = { atMs: 31_000, kind: 'healed', source: 'chaos' };
const lockAt = (atMs: number): RunEvent => ({ atMs, kind: 'newLock', source: 'etcd', member: 'patroni2' });
const promotedAt = (atMs: number): RunEvent => ({ atMs, kind: 'promoted', source: 'patroni', member: 'patroni2' });
const notReleased = 'the lock did not run out within 26000 ms: so it proves nothing that nobody was promoted';

describe('A fault that leaves nobody to lead', () => {
  it.each<[string, RunEvent[], string[]]>([
    ['passes when the lock runs out and nobody takes it', [fault, released, healed], []],
    ['passes when another leads once it is healed', [fault, released, healed, lockAt(33_000), promotedAt(34_000)], []],
    ['passes whoever took the lock before the fault', [lockAt(1_000), promotedAt(2_000), fault, released, healed], []],
    [
      'fails when another takes the lock',
      [fault, released, lockAt(23_500), healed],
      ['patroni2 took the lock 19500 ms after the fault, before it was healed'],
    ],
    [
      'fails when another is promoted, though no change of the lock was seen',
      [fault, released, promotedAt(24_000), healed],
      ['patroni2 was promoted 20000 ms after the fault, before it was healed'],
    ],
    ['fails when the lock outlives the hold', [fault, { ...released, atMs: 30_001 }, healed], [notReleased]],
    [
      'fails when the lock was given away before the fault',
      [{ ...released, atMs: 3_999 }, fault, healed],
      [notReleased],
    ],
    ['fails without a fault', [released], ['no fault was seen']],
  ])('%s', (_, events, reasons) => {
    expect(leadershipReasons(leaderless, none, events)).toEqual(reasons);
  });

  it('is the only fault for which a new leader fails the run', () => {
    expect(leadershipReasons({ holdMs: 26_000 }, none, [fault, released, lockAt(23_500)])).toEqual([]);
  });
});
