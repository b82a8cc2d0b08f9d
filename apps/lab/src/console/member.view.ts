import type { MemberStatus } from '../../../../libs/cluster/src/patroni.answers.js';
import type { MemberView, ServerHealth } from '../../../../libs/live/src/protocol.js';

/** One lost answer may be the network of this machine; the second in a row is an outage. */
const missesOfUnreachable = 2;

/** Where the leader wrote at one moment. */
export interface Position {
  readonly atMs: number;
  readonly bytes: number;
}

/** What was last seen of a member, and how often in a row it has not answered since. */
export interface MemberSeen {
  readonly name: string;
  readonly status: MemberStatus | undefined;
  /** When it gave that status. */
  readonly atMs: number;
  readonly misses: number;
}

export const isReachable = ({ status, misses }: MemberSeen): boolean =>
  status !== undefined && misses < missesOfUnreachable;

export const leads = ({ role }: MemberStatus): boolean => role === 'primary' || role === 'master';

/** A member as the page shows it. @param positions of the leader, oldest first */
export function memberView(
  seen: MemberSeen,
  positions: readonly Position[],
  haproxy: MemberView['haproxy'],
): MemberView {
  const { name, status } = seen;
  if (status === undefined || !isReachable(seen)) {
    return {
      name,
      reachable: false,
      role: 'unknown',
      state: 'no answer',
      timeline: null,
      lsn: null,
      lagBytes: null,
      staleMs: null,
      haproxy,
    };
  }
  const isLeader = leads(status);
  const bytes = isLeader ? status.xlog?.location : status.xlog?.replayed_location;
  const lag = isLeader || bytes === undefined ? undefined : lagOf(bytes, seen.atMs, positions);
  return {
    name,
    reachable: true,
    role: roleOf(status),
    state: isLeader ? status.state : (status.replication_state ?? status.state),
    timeline: status.timeline ?? null,
    lsn: bytes === undefined ? null : lsnText(bytes),
    lagBytes: lag?.bytes ?? null,
    staleMs: lag?.ms ?? null,
    haproxy,
  };
}

function roleOf(status: MemberStatus): MemberView['role'] {
  if (leads(status)) return 'leader';
  if (status.quorum_standby === true) return 'quorum standby';
  return status.sync_standby === true ? 'sync standby' : 'replica';
}

/**
 * How far a replica's replay is behind, in bytes, and since when the leader has had something that it does not show. Both by samples,
 * so what the leader wrote after its last sample is not seen.
 */
export function lagOf(
  replayedBytes: number,
  atMs: number,
  positions: readonly Position[],
): { readonly bytes: number; readonly ms: number } | undefined {
  const known = positions.filter((position) => position.atMs <= atMs);
  const newest = known.at(-1);
  if (newest === undefined) return undefined;
  const missed = known.find(({ bytes }) => bytes > replayedBytes);
  return { bytes: Math.max(0, newest.bytes - replayedBytes), ms: missed === undefined ? 0 : atMs - missed.atMs };
}

/** A position as PostgreSQL writes it: two halves of 32 bits in hexadecimal. */
export function lsnText(bytes: number): string {
  const half = 2 ** 32;
  return `${Math.floor(bytes / half).toString(16)}/${(bytes % half).toString(16)}`.toUpperCase();
}

/** What HAProxy's statistics call the state of a server. */
export function serverHealth(status: string | undefined): ServerHealth {
  if (status === undefined || status === '') return 'unknown';
  if (status.startsWith('UP') || status === 'no check') return 'up';
  return status.startsWith('MAINT') ? 'maintenance' : 'down';
}
