// The names of the lab's members and services, and of Patroni's keys.

/** Members of etcd. */
export const etcds = ['etcd1', 'etcd2', 'etcd3'];

/** The poolers of `scripts/lab pooler on`. */
export const poolers = ['pooler1', 'pooler2', 'pooler3'];

/** The two proxies of `scripts/lab edge on`. */
export const edges = ['edge1', 'edge2'];

/** The containers of `scripts/lab observe on`. In the upstream image set there is Grafana, too. */
export const observers = ['prometheus', 'alertmanager', 'postgres-exporter', 'redis-exporter'];

/** What is there on request, by the profile of LAB_PROFILES that asks for it. Others are known by their containers alone. */
const onRequest = Object.entries({ edge: edges, pooler: poolers, observability: observers });

/**
 * The members of the cluster: three, or four after `scripts/lab scale 4`.
 *
 * @type {(count: number) => string[]}
 */
export const memberNames = (count) => Array.from({ length: count }, (_, index) => `patroni${index + 1}`);

/** @type {(service: string) => boolean} */
export const isMember = (service) => /^patroni\d+$/.test(service);

/**
 * The Compose services of a lab with these members. Fencing and the two proxies are not among them: they run on request only.
 *
 * @type {(members: readonly string[]) => string[]}
 */
export const servicesOf = (members) => [...etcds, ...members, 'haproxy', 'redis', 'api1', 'api2'];

/**
 * The services that should run: those of the members, those of what is on, and whatever else has a container (fencing, a backup, Grafana), for
 * somebody has asked for it.
 *
 * @param {readonly string[]} members
 * @param {Iterable<string>} present Services that have a container, in whatever state.
 * @param {(profile: string) => boolean} [isOn] @default nothing is, beside what has a container
 * @returns {string[]}
 */
export const expectedServices = (members, present, isOn = () => false) => [
  ...new Set([
    ...servicesOf(members),
    ...onRequest.flatMap(([profile, services]) => (isOn(profile) ? services : [])),
    ...present,
  ]),
];

/**
 * The services that run HAProxy with the configuration of the lab. Beside two proxies, `haproxy` is a forwarder.
 *
 * @type {(services: readonly string[]) => string[]}
 */
export const proxiesOf = (services) => (edges.some((edge) => services.includes(edge)) ? edges : ['haproxy']);

/**
 * Patroni's keys in etcd that decide who leads.
 *
 * @param {string} scope Name of the cluster: `SCOPE` of the containers.
 * @param {string} [namespace] Patroni's setting of that name.
 */
export function keysOf(scope, namespace = 'service') {
  const root = `/${namespace}/${scope}`;
  return {
    /** Names the leader; it ends with the leader's lease. */
    leader: `${root}/leader`,
    /** Names the standbys that may be promoted without losing a commit. */
    sync: `${root}/sync`,
    /** A member's own description. @param {string} name */
    member: (name) => `${root}/members/${name}`,
  };
}
