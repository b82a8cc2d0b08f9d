import { leaderOf } from '../cluster/cluster.mapping.js';
import type { ReplicationDto } from '../cluster/cluster.schema.js';
import type { Role } from '../database/cluster.client.js';
import type { Cluster } from '../patroni/patroni.schema.js';

/** What an indicator found: `degraded` serves, but not as it should. */
export interface Judgement {
  readonly status: 'up' | 'degraded' | 'down';
  readonly data: Readonly<Record<string, unknown>>;
}

/** Bounds beyond which replication counts as degraded. */
export interface LagBounds {
  readonly maxLagBytes: number;
  readonly maxLagSeconds: number;
}

/** The write side is up when its connection reaches a node that is not in recovery. */
export function judgeWrite(connection: { readonly member: string; readonly role: Role }): Judgement {
  if (connection.role === 'leader') return { status: 'up', data: { ...connection } };
  return { status: 'down', data: { ...connection, message: 'connected to a node in recovery' } };
}

/** The read side is up when a replica serves it; the leader serving reads is a fallback. */
export function judgeRead(connection: { readonly member: string; readonly role: Role }): Judgement {
  if (connection.role === 'replica') return { status: 'up', data: { ...connection } };
  return { status: 'degraded', data: { ...connection, message: 'no replica: the leader serves reads' } };
}

/** One leader, every other member streaming, and all on the leader's timeline. */
export function judgePatroni(cluster: Cluster): Judgement {
  const leader = leaderOf(cluster);
  const members = cluster.members.map(({ name, role, state, timeline = null }) => ({ name, role, state, timeline }));
  const data = { leader: leader?.name ?? null, timeline: leader?.timeline ?? null, members };
  if (leader === undefined) return { status: 'down', data: { ...data, message: 'no leader' } };
  const others = cluster.members.filter((member) => member !== leader);
  const problems = [
    ...(leader.state === 'running' ? [] : [`leader ${leader.name} is ${leader.state}`]),
    ...others.filter(({ state }) => state !== 'streaming').map(({ name, state }) => `${name} is ${state}`),
    ...others
      .filter(({ state, timeline }) => state === 'streaming' && timeline !== leader.timeline)
      .map(({ name, timeline }) => `${name} is on timeline ${timeline}`),
    ...(others.length === 0 ? ['there is no replica'] : []),
    ...(cluster.pause === true ? ['Patroni is paused: no automatic failover'] : []),
  ];
  return problems.length === 0
    ? { status: 'up', data }
    : { status: 'degraded', data: { ...data, message: problems.join('; ') } };
}

/** A cache that is away costs time and nothing else. */
export function judgeRedis(redis: 'answers' | 'away' | 'not configured'): Judgement {
  switch (redis) {
    case 'answers':
      return { status: 'up', data: {} };
    case 'away':
      return { status: 'degraded', data: { message: 'no answer: nothing is cached' } };
    case 'not configured':
      return { status: 'up', data: { message: 'REDIS_HOST is not set: nothing is cached' } };
  }
}

/** Every connected standby within the bounds. */
export function judgeReplication({ standbys }: ReplicationDto, bounds: LagBounds): Judgement {
  const lags = standbys.map(({ member, state, syncState, lagBytes, replayLagMs }) => ({
    member,
    state,
    syncState,
    lagBytes,
    lagSeconds: replayLagMs === null ? 0 : replayLagMs / 1_000,
  }));
  const behind = lags.filter(
    ({ lagBytes, lagSeconds }) =>
      lagBytes === null || lagBytes > bounds.maxLagBytes || lagSeconds > bounds.maxLagSeconds,
  );
  const data = { ...bounds, standbys: lags };
  if (lags.length === 0) return { status: 'degraded', data: { ...data, message: 'no standby is connected' } };
  if (behind.length === 0) return { status: 'up', data };
  return { status: 'degraded', data: { ...data, message: `behind: ${behind.map(({ member }) => member).join(', ')}` } };
}
