import { oldCopySeconds } from '../../../../libs/cluster/src/core/backup.mjs';
import { streams } from '../../../../libs/cluster/src/core/health.mjs';
import { leaderOf } from '../cluster/cluster.mapping.js';
import type { LeaderView } from '../cluster/replication.query.js';
import type { Role } from '../../../../libs/postgres-ha/src/index.js';
import type { Cluster, PatroniMember } from '../patroni/patroni.schema.js';
import type { BackupStatus } from './backup.client.js';
import type { EtcdCheck } from './etcd.client.js';

/** Finding of an indicator. `degraded`: the service works, but a part of its protection is gone. */
export interface Judgement {
  readonly status: 'up' | 'degraded' | 'down';
  readonly data: Readonly<Record<string, unknown>>;
}

/** Bounds beyond which replication counts as degraded. */
export interface LagBounds {
  readonly maxLagBytes: number;
  readonly maxLagSeconds: number;
}

/** The node that a connection reached, and its role. */
export interface NodeIdentity {
  readonly address: string;
  readonly database: string;
  readonly user: string;
  /** PostgreSQL's. */
  readonly version: string;
}

/** One member of the cluster, as it answers for itself. */
export type NodeCheck = {
  readonly member: string;
  readonly role: string;
  readonly state: string;
  readonly responseTimeMs: number;
  /** RFC 3339. */
  readonly checkedAt: string;
} & ((NodeIdentity & { readonly route: 'haproxy' | 'direct' }) | { readonly error: string });

/**
 * A host name that cannot be resolved says nothing about the node: the service may run outside the lab's network, or the container is gone.
 * Nor does an address that the node's certificate does not name: on Kubernetes it names the services, not the pods.
 */
const unresolved = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ERR_TLS_CERT_ALTNAME_INVALID']);

/** Up when every member that can be reached answers. Members that Patroni misses are reported by the indicator of Patroni. */
export function judgeNodes(nodes: readonly NodeCheck[]): Judgement {
  const silent = nodes.filter((node) => 'error' in node && !unresolved.has(node.error));
  if (silent.length === 0) return { status: 'up', data: { nodes } };
  return {
    status: 'degraded',
    data: { nodes, message: `no answer from ${silent.map(({ member }) => member).join(', ')}` },
  };
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

/** Up with one leader, every other member streaming, and all on the leader's timeline. Where there is no Patroni, that is all it says. */
export function judgePatroni(cluster: Cluster | 'none'): Judgement {
  if (cluster === 'none')
    return { status: 'up', data: { message: 'PATRONI_URLS is none: PostgreSQL is asked for its members instead' } };
  const leader = leaderOf(cluster);
  const members = cluster.members.map(({ name, role, state, timeline = null }) => ({ name, role, state, timeline }));
  const data = { leader: leader?.name ?? null, timeline: leader?.timeline ?? null, members };
  if (leader === undefined) return { status: 'down', data: { ...data, message: 'no leader' } };
  const others = cluster.members.filter((member) => member !== leader);
  const problems = [
    ...(leader.state === 'running' ? [] : [`leader ${leader.name} is ${leader.state}`]),
    ...others.filter(({ state }) => state !== 'streaming').map(describeIdle),
    ...others
      .filter((member) => member.state === 'streaming' && !streams(member, leader))
      .map(({ name, timeline }) => `${name} is on timeline ${timeline}`),
    ...(others.length === 0 ? ['there is no replica'] : []),
    ...(cluster.pause === true ? ['Patroni is paused: no automatic failover'] : []),
  ];
  return problems.length === 0
    ? { status: 'up', data }
    : { status: 'degraded', data: { ...data, message: problems.join('; ') } };
}

/** A standby that runs and receives nothing may need WAL that the leader no longer has. */
function describeIdle({ name, state }: PatroniMember): string {
  const mend = state === 'running' ? `, not streaming; if that lasts: scripts/lab reinit ${name}` : '';
  return `${name} is ${state}${mend}`;
}

/** Up when every etcd member is healthy. Without a majority nothing fails yet, but no other member can become leader. */
export function judgeEtcd(members: readonly EtcdCheck[]): Judgement {
  if (members.length === 0) return { status: 'up', data: { message: 'ETCD_URLS is not set: etcd is not looked at' } };
  const unhealthy = members.filter(({ healthy }) => !healthy);
  const quorum = members.length - unhealthy.length > members.length / 2;
  const data = { quorum, members };
  if (unhealthy.length === 0) return { status: 'up', data };
  const names = unhealthy.map(({ url, reason }) => `${new URL(url).hostname} (${reason})`).join(', ');
  const message = quorum
    ? `not healthy: ${names}; to mend it: scripts/lab doctor`
    : `no quorum, so no failover: ${names}; to mend it: scripts/lab doctor`;
  return { status: 'degraded', data: { ...data, message } };
}

/** At worst degraded: without the cache, reads take longer and nothing else changes. */
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

/** At worst degraded: without a backup everything works, until somebody deletes the wrong rows. */
export function judgeBackup(backup: BackupStatus, maxAgeSeconds: number): Judgement {
  const { lastBackupAgeSeconds, receiving, slot, gap, copyAgeSeconds } = backup;
  const problems = [
    ...(receiving ? [] : ['no WAL is received: what is written now can be lost']),
    ...(slot === 'lost' || gap ? ['the members had to let WAL go that was not received: a base backup is needed'] : []),
    ...(lastBackupAgeSeconds === null ? ['there is no base backup'] : []),
    ...(lastBackupAgeSeconds !== null && lastBackupAgeSeconds > maxAgeSeconds
      ? [`the last base backup is ${Math.round(lastBackupAgeSeconds / 3_600)} h old`]
      : []),
    ...(copyAgeSeconds !== null && copyAgeSeconds > oldCopySeconds
      ? [`the second copy is ${Math.round(copyAgeSeconds / 60)} min old: docker logs backup`]
      : []),
  ];
  if (problems.length === 0) return { status: 'up', data: { ...backup } };
  return { status: 'degraded', data: { ...backup, message: `${problems.join('; ')}. See: scripts/lab backup status` } };
}

/** Up when every connected standby is within the bounds. */
export function judgeReplication(view: Pick<LeaderView, 'standbys'> | 'not installed', bounds: LagBounds): Judgement {
  if (view === 'not installed')
    return { status: 'degraded', data: { message: 'not known: lab.replication_status() is not installed' } };
  const { standbys } = view;
  const lags = standbys.map(({ member, state, syncState, lagBytes, lagSeconds }) => ({
    member,
    state,
    syncState,
    lagBytes,
    lagSeconds,
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
