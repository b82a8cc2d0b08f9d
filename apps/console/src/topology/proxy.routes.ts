import type { MemberView } from '../../../../libs/live/src/protocol.js';

/** Where HAProxy sends a new connection now. */
export interface Routes {
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  /** Whether reads go to the leader for want of a replica, as haproxy.cfg says. */
  readonly readsFallBack: boolean;
}

/** By HAProxy's own checks, whatever Patroni says. */
export function routesOf(members: readonly Pick<MemberView, 'name' | 'haproxy'>[]): Routes {
  const up = (backend: keyof MemberView['haproxy']): string[] =>
    members.filter(({ haproxy }) => haproxy[backend] === 'up').map(({ name }) => name);
  const [writes, replicas] = [up('leader'), up('replicas')];
  const readsFallBack = replicas.length === 0 && writes.length > 0;
  return { writes, reads: readsFallBack ? writes : replicas, readsFallBack };
}
