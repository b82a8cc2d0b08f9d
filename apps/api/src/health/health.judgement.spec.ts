import { describe, expect, it } from '@jest/globals';
import type { ReplicationDto } from '../cluster/cluster.schema.js';
import { clusterSchema } from '../patroni/patroni.schema.js';
import { judgePatroni, judgeRead, judgeRedis, judgeReplication, judgeWrite } from './health.judgement.js';

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

describe('judgePatroni', () => {
  it.each([
    ['all well', [leader, replica('patroni2'), replica('patroni3')], 'up', undefined],
    ['no leader', [replica('patroni2')], 'down', 'no leader'],
    ['leader starting', [{ ...leader, state: 'starting' }, replica('b')], 'degraded', 'leader patroni1 is starting'],
    ['replica stopped', [leader, replica('b', { state: 'stopped' })], 'degraded', 'b is stopped'],
    ['old timeline', [leader, replica('b', { timeline: 1 })], 'degraded', 'b is on timeline 1'],
    ['leader alone', [leader], 'degraded', 'there is no replica'],
  ])('%s', (_, members, status, message) => {
    const judgement = judgePatroni(clusterSchema.parse({ members }));
    expect(judgement.status).toBe(status);
    expect(judgement.data['message']).toBe(message);
  });

  it('is degraded while Patroni is paused', () => {
    expect(judgePatroni(clusterSchema.parse({ members: [leader, replica('b')], pause: true })).status).toBe('degraded');
  });
});

describe('judgeReplication', () => {
  const bounds = { maxLagBytes: 100, maxLagSeconds: 1 };
  const standby = (lagBytes: number | null, replayLagMs: number | null) =>
    ({
      member: 'patroni2',
      state: 'streaming',
      syncState: 'quorum',
      lagBytes,
      replayLagMs,
    }) as ReplicationDto['standbys'][number];

  it.each([
    // bytes, milliseconds, status
    [0, null, 'up'],
    [100, 1000, 'up'],
    [101, 0, 'degraded'],
    [0, 1001, 'degraded'],
    [null, null, 'degraded'],
  ])('%p bytes and %p ms: %s', (lagBytes, replayLagMs, status) => {
    const replication = { standbys: [standby(lagBytes, replayLagMs)] } as unknown as ReplicationDto;
    expect(judgeReplication(replication, bounds).status).toBe(status);
  });

  it('is degraded with no standby at all', () => {
    expect(judgeReplication({ standbys: [] } as unknown as ReplicationDto, bounds).status).toBe('degraded');
  });
});
