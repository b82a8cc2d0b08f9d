// Who belongs to the lab, and under which names.

/** Members of etcd. */
export const etcds = ['etcd1', 'etcd2', 'etcd3'];

/** The two proxies of `scripts/lab edge on`. */
export const edges = ['edge1', 'edge2'];

/**
 * The members of PostgreSQL: three, or four when scaled.
 *
 * @type {(count: number) => string[]}
 */
export const memberNames = (count) => Array.from({ length: count }, (_, index) => `patroni${index + 1}`);

/** @type {(service: string) => boolean} */
export const isMember = (service) => /^patroni\d+$/.test(service);

/**
 * The containers that run in a lab of these members, by Compose service. Fencing and the two proxies are not among them: they are there on request.
 *
 * @type {(members: readonly string[]) => string[]}
 */
export const servicesOf = (members) => [...etcds, ...members, 'haproxy', 'redis', 'api1', 'api2'];

/**
 * Where Patroni keeps in etcd what decides who leads.
 *
 * @param {string} scope Name of the cluster: `SCOPE` of the containers.
 * @param {string} [namespace] Patroni's.
 */
export function keysOf(scope, namespace = 'service') {
  const root = `/${namespace}/${scope}`;
  return {
    /** Names the leader; it hangs on the leader's lease. */
    leader: `${root}/leader`,
    /** Which standbys may be promoted without losing a commit. */
    sync: `${root}/sync`,
    /** What a member says of itself. @param {string} name */
    member: (name) => `${root}/members/${name}`,
  };
}
