import type { MemberView } from '../../../../libs/live/src/protocol.js';

/**
 * Where HAProxy's checks say something else of a member than Patroni says, in words. For a moment after every change of the leader
 * they differ, and clients follow HAProxy. What nobody knows differs from nothing.
 */
export function haproxyDifferences({ role, reachable, haproxy }: MemberView): readonly string[] {
  const leads = reachable && role === 'leader';
  const follows = reachable && role !== 'leader' && role !== 'unknown';
  const sends = (health: MemberView['haproxy']['leader']): boolean => health === 'up';
  const stops = (health: MemberView['haproxy']['leader']): boolean => health === 'down' || health === 'maintenance';
  return [
    sends(haproxy.leader) && !leads ? `HAProxy still sends writes here. ${patroniSays(reachable, role)}` : undefined,
    stops(haproxy.leader) && leads ? 'Patroni says leader. HAProxy does not send writes here yet.' : undefined,
    sends(haproxy.replicas) && !follows ? `HAProxy still sends reads here. ${patroniSays(reachable, role)}` : undefined,
    stops(haproxy.replicas) && follows ? 'Patroni says replica. HAProxy does not send reads here.' : undefined,
  ].filter((difference) => difference !== undefined);
}

function patroniSays(reachable: boolean, role: MemberView['role']): string {
  if (!reachable) return 'Patroni does not answer.';
  return role === 'unknown' ? 'Patroni names no role.' : `Patroni says ${role}.`;
}
