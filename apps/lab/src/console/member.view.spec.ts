import { describe, expect, it } from '@jest/globals';
import { lagOf, lsnText, memberView, serverHealth, type MemberSeen } from './member.view.js';

const haproxy = { leader: 'down', replicas: 'up' } as const;
const replica: MemberSeen = {
  name: 'patroni2',
  status: {
    role: 'replica',
    state: 'running',
    replication_state: 'streaming',
    quorum_standby: true,
    timeline: 3,
    xlog: { replayed_location: 0x2_0000_0010 },
  },
  atMs: 1_000,
  misses: 0,
};
const positions = [
  { atMs: 200, bytes: 0x2_0000_0000 },
  { atMs: 600, bytes: 0x2_0000_0020 },
  { atMs: 900, bytes: 0x2_0000_0030 },
];

describe('A member on the page', () => {
  it('is a standby with its lag in bytes, and since when the leader has what it does not show', () => {
    expect(memberView(replica, positions, haproxy)).toEqual({
      name: 'patroni2',
      reachable: true,
      role: 'quorum standby',
      state: 'streaming',
      timeline: 3,
      lsn: '2/10',
      lagBytes: 0x20,
      staleMs: 400,
      haproxy,
    });
  });

  it.each([
    ['leads', { role: 'primary', state: 'running', xlog: { location: 16 } }, 'leader', 'running'],
    ['leads under a Patroni before version 4', { role: 'master', state: 'running' }, 'leader', 'running'],
    ['is synchronous', { role: 'replica', state: 'running', sync_standby: true }, 'sync standby', 'running'],
    ['is asynchronous', { role: 'replica', state: 'starting' }, 'replica', 'starting'],
  ])('shows its role when it %s', (_case, status, role, state) => {
    expect(memberView({ ...replica, status }, positions, haproxy)).toMatchObject({ role, state });
  });

  it('stays as it was when one answer is missing, and is unreachable after the second', () => {
    expect(memberView({ ...replica, misses: 1 }, positions, haproxy).reachable).toBe(true);
    expect(memberView({ ...replica, misses: 2 }, positions, haproxy)).toMatchObject({
      reachable: false,
      role: 'unknown',
      lsn: null,
    });
  });
});

describe('The lag of a replica', () => {
  it.each([
    ['none, when it shows all that the leader had', 0x2_0000_0030, 1_000, { bytes: 0, ms: 0 }],
    ['none, when it shows more than the last sample of the leader', 0x2_0000_0040, 1_000, { bytes: 0, ms: 0 }],
    ['compared only with what the leader had before', 0x2_0000_0020, 700, { bytes: 0, ms: 0 }],
    ['since the first sample that it lacks', 0, 1_000, { bytes: 0x2_0000_0030, ms: 800 }],
    ['unknown without a sample of the leader', 0, 100, undefined],
  ])('is %s', (_case, replayed, atMs, lag) => {
    expect(lagOf(replayed, atMs, positions)).toEqual(lag);
  });
});

it('writes positions as PostgreSQL does', () => {
  expect(lsnText(0x1_5a2b_3c4d)).toBe('1/5A2B3C4D');
});

it.each([
  ['UP', 'up'],
  ['UP 1/2', 'up'],
  ['no check', 'up'],
  ['DOWN 1/2', 'down'],
  ['MAINT (resolution)', 'maintenance'],
  ['', 'unknown'],
  [undefined, 'unknown'],
])('reads the state of a server: %s is %s', (status, health) => {
  expect(serverHealth(status)).toBe(health);
});
