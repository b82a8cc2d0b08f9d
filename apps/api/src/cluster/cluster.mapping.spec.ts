import { describe, expect, it } from '@jest/globals';
import { clusterSchema, historySchema } from '../patroni/patroni.schema.js';
import { clusterOf, toClusterDto, toHistoryDto } from './cluster.mapping.js';

const leader = { name: 'patroni2', role: 'leader', state: 'running', host: 'patroni2', port: 5432, timeline: 3 };
const standby = {
  name: 'patroni1',
  role: 'quorum_standby',
  state: 'streaming',
  host: 'patroni1',
  timeline: 3,
  lag: 16,
};
const lost = { name: 'patroni3', role: 'replica', state: 'start failed', host: 'patroni3', lag: 'unknown' };

describe('toClusterDto', () => {
  it('names leader, timeline and each lag', () => {
    const cluster = clusterSchema.parse({ scope: 'pg-ha', members: [standby, leader, lost] });
    expect(toClusterDto(cluster)).toEqual({
      source: 'patroni',
      note: null,
      scope: 'pg-ha',
      leader: 'patroni2',
      timeline: 3,
      paused: false,
      members: [
        { name: 'patroni1', host: 'patroni1', role: 'quorum_standby', state: 'streaming', timeline: 3, lagBytes: 16 },
        { name: 'patroni2', host: 'patroni2', role: 'leader', state: 'running', timeline: 3, lagBytes: 0 },
        { name: 'patroni3', host: 'patroni3', role: 'replica', state: 'start failed', timeline: null, lagBytes: null },
      ],
    });
  });

  it('says when there is no leader and when Patroni is paused', () => {
    const cluster = clusterSchema.parse({ members: [standby], pause: true });
    expect(toClusterDto(cluster)).toMatchObject({ scope: null, leader: null, timeline: null, paused: true });
  });
});

describe('clusterOf', () => {
  const node = { member: 'pg-ha-1', address: '10.0.0.1', timeline: 4 };
  const sender = (member: string, over: object = {}) => ({
    member,
    address: '10.0.0.2',
    state: 'streaming',
    syncState: 'quorum',
    lagBytes: 0,
    ...over,
  });

  it('says of leader and standbys what PostgreSQL knows, and of Patroni nothing', () => {
    const cluster = clusterOf(node, [sender('pg-ha-2'), sender('pg-ha-3', { syncState: 'async', lagBytes: 512 })]);

    expect(toClusterDto(cluster, { source: 'postgresql', note: 'x' })).toEqual({
      source: 'postgresql',
      note: 'x',
      scope: null,
      leader: 'pg-ha-1',
      timeline: 4,
      paused: null,
      members: [
        { name: 'pg-ha-1', host: '10.0.0.1', role: 'leader', state: 'running', timeline: 4, lagBytes: 0 },
        { name: 'pg-ha-2', host: '10.0.0.2', role: 'quorum_standby', state: 'streaming', timeline: null, lagBytes: 0 },
        { name: 'pg-ha-3', host: '10.0.0.2', role: 'replica', state: 'streaming', timeline: null, lagBytes: 512 },
      ],
    });
  });

  it.each([
    ['quorum', 'quorum_standby'],
    ['sync', 'sync_standby'],
    ['potential', 'replica'],
    ['async', 'replica'],
  ])('calls a standby that is %s a %s', (syncState, role) => {
    expect(clusterOf(node, [sender('pg-ha-2', { syncState })]).members[1]).toMatchObject({ role });
  });

  it('leaves out where a standby is that came over a socket', () => {
    expect(clusterOf(node, [sender('pg-ha-2', { address: null, lagBytes: null })]).members[1]).toEqual({
      name: 'pg-ha-2',
      role: 'quorum_standby',
      state: 'streaming',
    });
  });
});

describe('toHistoryDto', () => {
  it('prints the switch position as an LSN, and takes old entries without time and leader', () => {
    const history = historySchema.parse([
      [1, 83886240, 'no recovery target specified'],
      [2, 4294967296, 'no recovery target specified', '2026-11-20T10:00:00+00:00', 'patroni2'],
    ]);
    expect(toHistoryDto(history)).toEqual([
      { timeline: 1, switchLsn: '0/50000A0', reason: 'no recovery target specified', endedAt: null, newLeader: null },
      {
        timeline: 2,
        switchLsn: '1/0',
        reason: 'no recovery target specified',
        endedAt: '2026-11-20T10:00:00+00:00',
        newLeader: 'patroni2',
      },
    ]);
  });
});
