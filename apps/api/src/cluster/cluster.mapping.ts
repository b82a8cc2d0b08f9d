import { type ClusterClient, formatLsn } from '../../../../libs/postgres-ha/src/index.js';
import type { Cluster, HistoryEntry, PatroniMember } from '../patroni/patroni.schema.js';
import type { ClusterDto, HistoryDto, ReplicationDto } from './cluster.schema.js';

type Node = ClusterClient['node'];

/** The member that holds the leader lock, if any. */
export function leaderOf(cluster: Cluster): PatroniMember | undefined {
  return cluster.members.find(({ role }) => role === 'leader' || role === 'standby_leader');
}

export function toClusterDto(
  cluster: Cluster,
  { source, note }: Pick<ClusterDto, 'source' | 'note'> = { source: 'patroni', note: null },
): ClusterDto {
  const leader = leaderOf(cluster);
  return {
    source,
    note,
    scope: cluster.scope ?? null,
    leader: leader?.name ?? null,
    timeline: leader?.timeline ?? null,
    paused: source === 'patroni' ? (cluster.pause ?? false) : null,
    members: cluster.members.map((member) => ({
      name: member.name,
      host: member.host ?? null,
      role: member.role,
      state: member.state,
      timeline: member.timeline ?? null,
      lagBytes: member === leader ? 0 : typeof member.lag === 'number' ? member.lag : null,
    })),
  };
}

/** The leader's view as PostgreSQL has it, in the words in which Patroni describes a cluster. */
export function clusterOf(
  leader: Pick<Node, 'member' | 'address' | 'timeline'>,
  standbys: readonly Pick<
    ReplicationDto['standbys'][number],
    'member' | 'address' | 'state' | 'syncState' | 'lagBytes'
  >[],
): Cluster {
  const port = 5432;
  return {
    members: [
      {
        name: leader.member,
        role: 'leader',
        state: 'running',
        host: leader.address,
        port,
        timeline: leader.timeline,
      },
      ...standbys.map(({ member, address, state, syncState, lagBytes }) => ({
        name: member,
        role: roles[syncState] ?? 'replica',
        state,
        ...(address !== null && { host: address, port }),
        ...(lagBytes !== null && { lag: lagBytes }),
      })),
    ],
  };
}

/** Patroni's word for each `sync_state` of pg_stat_replication; any other is a replica. */
const roles: Readonly<Record<string, PatroniMember['role']>> = { quorum: 'quorum_standby', sync: 'sync_standby' };

export function toHistoryDto(history: readonly HistoryEntry[]): HistoryDto {
  return history.map(({ timeline, lsn, reason, endedAt, newLeader }) => ({
    timeline,
    switchLsn: formatLsn(BigInt(lsn)),
    reason,
    endedAt,
    newLeader,
  }));
}
