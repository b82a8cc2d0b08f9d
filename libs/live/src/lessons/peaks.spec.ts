import { describe, expect, it } from '@jest/globals';
import type { MemberView, ServiceView, Snapshot } from '../protocol.js';
import { noPeaks, withSnapshot, type Peaks } from './peaks.js';

const member = (name: string, view: Partial<MemberView> = {}): MemberView => ({
  name,
  reachable: true,
  role: 'quorum standby',
  state: 'streaming',
  timeline: 1,
  lsn: '0/10',
  lagBytes: 0,
  staleMs: 0,
  haproxy: { leader: 'down', replicas: 'up' },
  ...view,
});
const lease = (holder: string) => ({ holder, ttlMs: 20_000, remainingMs: 19_000 });
const service = (view: Partial<ServiceView>): ServiceView => ({
  writesInFlight: 0,
  writesHeld: 0,
  replays: 0,
  cacheHits: 0,
  cacheMisses: 0,
  refusedFills: 0,
  ...view,
});
const api1 = { name: 'api1', status: 'ready' } as const;
const api2 = { name: 'api2', status: 'ready' } as const;
const quiet: Snapshot = {
  atMs: 1_000,
  scope: 'pg-ha',
  members: [member('patroni1', { role: 'leader', staleMs: null }), member('patroni2'), member('patroni3')],
  etcds: [1, 2, 3].map((number) => ({ name: `etcd${number}`, healthy: true, leads: number === 1 })),
  instances: [api1, api2],
  lease: lease('patroni1'),
  service: service({}),
  client: null,
  activity: { kind: 'idle' },
  lastRun: null,
  paused: false,
};
const away = { reachable: false, role: 'unknown', staleMs: null } as const;
const after = (...changes: Partial<Snapshot>[]): Peaks =>
  changes.reduce<Peaks>(
    (peaks, change, index) => withSnapshot(peaks, { ...quiet, atMs: 1_000 + index * 100, ...change }),
    noPeaks,
  );

describe('The peaks', () => {
  it('are as before the first snapshot while nothing happens, but for the time and the holder of the lock', () => {
    const { last: _, ...peaks } = after({}, {});
    const { last: __, ...none } = noPeaks;
    expect(peaks).toEqual({ ...none, fromMs: 1_000, holders: ['patroni1'] });
  });

  it.each<[string, Partial<Snapshot>[], Partial<Peaks>]>([
    [
      'who has held the lock, each once',
      [{}, { lease: null }, { lease: lease('patroni2') }, { lease: lease('patroni1') }],
      { holders: ['patroni1', 'patroni2'] },
    ],
    [
      'the longest time without a lock',
      [{}, { lease: null }, { lease: null }, { lease: null }, {}],
      { lockAwayMs: 200 },
    ],
    [
      'no sum of several times without a lock',
      [{ lease: null }, { lease: null }, {}, { lease: null }, { lease: null }],
      { lockAwayMs: 100 },
    ],
    [
      'which members were away, and how many of them at once',
      [
        { members: [member('patroni1', away), member('patroni2')] },
        { members: [member('patroni1'), member('patroni2', away)] },
      ],
      { unreachable: ['patroni1', 'patroni2'], unreachableAtOnce: 1 },
    ],
    [
      'how many members were away at once',
      [{ members: [member('patroni1', away), member('patroni3', away)] }, {}],
      { unreachableAtOnce: 2 },
    ],
    [
      'how many etcd members were away at once',
      [{ etcds: quiet.etcds.map((etcd) => ({ ...etcd, healthy: etcd.leads })) }, {}],
      { etcdsAway: 2 },
    ],
    [
      'the longest staleness of any replica',
      [{ members: [member('patroni2', { staleMs: 30 })] }, { members: [member('patroni3', { staleMs: 800 })] }, {}],
      { staleMs: 800 },
    ],
    ['whether writes were held', [{ service: service({ writesHeld: 3 }) }, {}], { heldWrites: true }],
    [
      'by how much counters have grown, and not how high they are',
      [
        { service: service({ replays: 100, refusedFills: 7 }) },
        { service: service({ replays: 104, refusedFills: 7 }) },
        { service: service({ replays: 105, refusedFills: 9 }) },
      ],
      { replays: 5, refusedFills: 2 },
    ],
    [
      'nothing of an instance that goes and comes with its counters',
      [
        { service: service({ replays: 100 }) },
        { service: service({ replays: 40 }), instances: [api1, { ...api2, status: 'unreachable' }] },
        { service: service({ replays: 100 }) },
        { service: service({ replays: 101 }) },
      ],
      { replays: 1 },
    ],
    [
      'nothing below zero of an instance that begins to count anew',
      [
        { service: service({ replays: 100 }) },
        { service: service({ replays: 2 }) },
        { service: service({ replays: 5 }) },
      ],
      { replays: 3 },
    ],
    [
      'nothing of a service that nobody could ask',
      [{ service: service({ replays: 1 }) }, { service: null }, { service: service({ replays: 9 }) }],
      { replays: 0 },
    ],
  ])('know %s', (_, snapshots, expected) => {
    expect(after(...snapshots)).toMatchObject(expected);
  });
});
