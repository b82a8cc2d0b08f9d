import { describe, expect, it } from '@jest/globals';
import type { ReplicationDto } from '../cluster/cluster.schema.js';
import { clusterSchema } from '../patroni/patroni.schema.js';
import type { BackupStatus } from './backup.client.js';
import type { EtcdCheck } from './etcd.client.js';
import {
  judgeBackup,
  judgeEtcd,
  judgeNodes,
  judgePatroni,
  judgeRead,
  judgeRedis,
  judgeReplication,
  judgeWrite,
} from './health.judgement.js';
import type { NodeCheck } from './health.judgement.js';

const leader = { name: 'patroni1', role: 'leader', state: 'running', timeline: 2 };
const replica = (name: string, over: object = {}) => ({
  name,
  role: 'replica',
  state: 'streaming',
  timeline: 2,
  ...over,
});

describe('judgeWrite', () => {
  it.each([
    ['leader', 'up'],
    ['replica', 'down'],
  ] as const)('%s: %s', (role, status) => expect(judgeWrite({ member: 'patroni1', role }).status).toBe(status));
});

describe('judgeRead', () => {
  it.each([
    ['replica', 'up'],
    ['leader', 'degraded'],
  ] as const)('%s: %s', (role, status) => expect(judgeRead({ member: 'patroni1', role }).status).toBe(status));
});

describe('judgeRedis', () => {
  it.each([
    ['answers', 'up'],
    ['away', 'degraded'],
    ['not configured', 'up'],
  ] as const)('%s: %s', (redis, status) => expect(judgeRedis(redis).status).toBe(status));
});

describe('judgeBackup', () => {
  const well: BackupStatus = {
    lastBackup: '20261127T180000',
    lastBackupAgeSeconds: 60,
    leaderHeardSeconds: 5,
    receiving: true,
    slot: 'reserved',
    behindBytes: 0,
    retainedBytes: 0,
    gap: false,
    newestWalSeconds: 1,
    lastVerifiedAgeSeconds: null,
    copyAgeSeconds: null,
    freeBytes: 1_000,
  };

  it.each([
    ['all well', {}, 'up', undefined],
    ['no WAL', { receiving: false }, 'degraded', 'no WAL is received'],
    ['a lost slot', { slot: 'lost' }, 'degraded', 'a base backup is needed'],
    ['a gap in the WAL', { gap: true }, 'degraded', 'a base backup is needed'],
    ['no backup', { lastBackup: null, lastBackupAgeSeconds: null }, 'degraded', 'there is no base backup'],
    ['a second copy that follows', { copyAgeSeconds: 12 }, 'up', undefined],
    ['a second copy that does not', { copyAgeSeconds: 900 }, 'degraded', 'the second copy is 15 min old'],
    ['an old backup', { lastBackupAgeSeconds: 7_201 }, 'degraded', 'the last base backup is 2 h old'],
  ] as const)('%s: %s', (_, changes, status, message) => {
    const judgement = judgeBackup({ ...well, ...changes }, 7_200);
    expect(judgement.status).toBe(status);
    expect(judgement.data['message'] ?? '').toContain(message ?? '');
  });
});

describe('judgePatroni', () => {
  it.each([
    ['all well', [leader, replica('patroni2'), replica('patroni3')], 'up', undefined],
    ['no leader', [replica('patroni2')], 'down', 'no leader'],
    ['leader starting', [{ ...leader, state: 'starting' }, replica('b')], 'degraded', 'leader patroni1 is starting'],
    ['replica stopped', [leader, replica('b', { state: 'stopped' })], 'degraded', 'b is stopped'],
    [
      'replica that gets no WAL',
      [leader, replica('b', { state: 'running' })],
      'degraded',
      'b is running, not streaming; if that lasts: scripts/lab reinit b',
    ],
    ['old timeline', [leader, replica('b', { timeline: 1 })], 'degraded', 'b is on timeline 1'],
    ['leader alone', [leader], 'degraded', 'there is no replica'],
  ])('%s', (_, members, status, message) => {
    const judgement = judgePatroni(clusterSchema.parse({ members }));
    expect(judgement.status).toBe(status);
    expect(judgement.data['message']).toBe(message);
  });

  it('is up where there is no Patroni, and says so', () => {
    expect(judgePatroni('none')).toMatchObject({
      status: 'up',
      data: { message: expect.stringContaining('PATRONI_URLS is none') },
    });
  });

  it('is degraded while Patroni is paused', () => {
    expect(judgePatroni(clusterSchema.parse({ members: [leader, replica('b')], pause: true }))).toMatchObject({
      status: 'degraded',
      data: { message: 'Patroni is paused: no automatic failover' },
    });
  });
});

describe('judgeEtcd', () => {
  const answers = (healthy: boolean[]): EtcdCheck[] =>
    healthy.map((well, i) => {
      const url = `http://etcd${i + 1}:2379`;
      return well ? { url, healthy: true } : { url, healthy: false, reason: 'ECONNREFUSED' };
    });

  it.each([
    ['all members', [true, true, true], 'up', true, undefined],
    [
      'one that is away',
      [true, true, false],
      'degraded',
      true,
      'not healthy: etcd3 (ECONNREFUSED); to mend it: scripts/lab doctor',
    ],
    [
      'no quorum, which is not down: writes go on',
      [true, false, false],
      'degraded',
      false,
      'no quorum, so no failover: etcd2 (ECONNREFUSED), etcd3 (ECONNREFUSED); to mend it: scripts/lab doctor',
    ],
    ['none configured', [], 'up', undefined, 'ETCD_URLS is not set: etcd is not looked at'],
  ])('%s', (_, healthy, status, quorum, message) => {
    const judgement = judgeEtcd(answers(healthy));
    expect(judgement.status).toBe(status);
    expect(judgement.data['quorum']).toBe(quorum);
    expect(judgement.data['message']).toBe(message);
  });
});

describe('judgeNodes', () => {
  const node = (over: object) => ({ member: 'patroni1', role: 'leader', state: 'running', ...over }) as NodeCheck;

  it.each([
    ['all answer', [node({ version: '17.6' })], 'up'],
    ['a name that means nothing here', [node({}), node({ error: 'ENOTFOUND' })], 'up'],
    [
      'one whose certificate does not name its address',
      [node({}), node({ error: 'ERR_TLS_CERT_ALTNAME_INVALID' })],
      'up',
    ],
    ['one that does not answer', [node({}), node({ error: 'CONNECT_TIMEOUT' })], 'degraded'],
  ])('%s', (_, nodes, status) => expect(judgeNodes(nodes).status).toBe(status));
});

describe('judgeReplication', () => {
  const bounds = { maxLagBytes: 100, maxLagSeconds: 1 };
  const standby = (lagBytes: number | null, lagSeconds: number) =>
    ({
      member: 'patroni2',
      state: 'streaming',
      syncState: 'quorum',
      lagBytes,
      lagSeconds,
    }) as ReplicationDto['standbys'][number];

  it.each([
    // bytes, seconds, status
    [0, 0, 'up'],
    [100, 1, 'up'],
    [101, 0, 'degraded'],
    [0, 1.001, 'degraded'],
    [null, 0, 'degraded'],
  ])('%p bytes and %p s: %s', (lagBytes, lagSeconds, status) => {
    const replication = { standbys: [standby(lagBytes, lagSeconds)] } as unknown as ReplicationDto;
    expect(judgeReplication(replication, bounds).status).toBe(status);
  });

  it('is degraded, and not down, where its functions are missing', () => {
    expect(judgeReplication('not installed', bounds)).toMatchObject({
      status: 'degraded',
      data: { message: expect.stringContaining('not installed') },
    });
  });

  it('is degraded with no standby at all', () => {
    expect(judgeReplication({ standbys: [] } as unknown as ReplicationDto, bounds).status).toBe('degraded');
  });
});
