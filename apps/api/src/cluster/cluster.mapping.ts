import { formatLsn } from '../../../../libs/postgres-ha/src/index.js';
import type { Cluster, HistoryEntry, PatroniMember } from '../patroni/patroni.schema.js';
import type { ClusterDto, HistoryDto } from './cluster.schema.js';

/** The member that holds the leader lock, if any. */
export function leaderOf(cluster: Cluster): PatroniMember | undefined {
  return cluster.members.find(({ role }) => role === 'leader' || role === 'standby_leader');
}

export function toClusterDto(cluster: Cluster): ClusterDto {
  const leader = leaderOf(cluster);
  return {
    scope: cluster.scope ?? null,
    leader: leader?.name ?? null,
    timeline: leader?.timeline ?? null,
    paused: cluster.pause ?? false,
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

export function toHistoryDto(history: readonly HistoryEntry[]): HistoryDto {
  return history.map(({ timeline, lsn, reason, endedAt, newLeader }) => ({
    timeline,
    switchLsn: formatLsn(BigInt(lsn)),
    reason,
    endedAt,
    newLeader,
  }));
}
