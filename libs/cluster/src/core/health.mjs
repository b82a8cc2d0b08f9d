// Decides whether the cluster is whole, for scripts, the laboratory and tests.

/**
 * @import { Member, Observation } from './observation.mjs'
 * @typedef {Pick<Observation, 'members' | 'leader' | 'mode'>} Cluster
 */

/**
 * The member that leads. A member that holds the lock while its PostgreSQL still starts does not lead yet.
 *
 * @template {Pick<Member, 'role' | 'state'>} M
 * @param {readonly M[]} members
 * @returns {M | undefined}
 */
export const leaderOf = (members) => members.find(({ role, state }) => role === 'leader' && state === 'running');

/**
 * Whether a standby receives what the leader writes. A standby that streams another timeline follows another member.
 *
 * @param {Pick<Member, 'state' | 'timeline'>} member
 * @param {Pick<Member, 'timeline'> | undefined} leader
 * @returns {boolean}
 */
export const streams = (member, leader) =>
  member.state === 'streaming' && leader !== undefined && member.timeline === leader.timeline;

/**
 * Whether a standby streams and may take over. In quorum mode Patroni must have listed it before it can be promoted.
 *
 * @param {Member} member
 * @param {Cluster} seen
 * @returns {boolean}
 */
export const isReadyStandby = (member, { leader, mode }) =>
  streams(member, leader) && (mode !== 'quorum' || member.role === 'quorum_standby');

/** @type {(seen: Cluster) => Member[]} */
export const readyStandbys = (seen) => seen.members.filter((member) => isReadyStandby(member, seen));

/**
 * The reason why the cluster is not whole, or undefined. It is whole with one leader, every other expected member a ready standby,
 * and no further member.
 *
 * @param {Cluster & Pick<Observation, 'expected'>} seen
 * @returns {string | undefined}
 */
export function whyNotWhole(seen) {
  const { expected, members, leader, mode } = seen;
  if (leader === undefined) return 'there is no leader';
  const ready = readyStandbys(seen);
  const missing = expected.filter((name) => name !== leader.name && !ready.some((standby) => standby.name === name));
  if (missing.length > 0) return `${missing.join(', ')}: no standby that streams and may be promoted`;
  const strangers = members.filter(({ name }) => !expected.includes(name));
  if (strangers.length > 0) return `${strangers.map(({ name }) => name).join(', ')} should not be there`;
  if (mode === 'sync' && !members.some(({ role }) => role === 'sync_standby')) return 'no standby is synchronous';
  return undefined;
}

/** @type {(seen: Cluster & Pick<Observation, 'expected'>) => boolean} */
export const isWhole = (seen) => whyNotWhole(seen) === undefined;

/**
 * The reason why HAProxy does not serve all of the lab, or undefined. Its checks must see one leader, every standby, and both
 * instances of the API.
 *
 * @param {readonly {backend: string, up: boolean}[]} servers
 * @param {number} standbys
 * @returns {string | undefined}
 */
export function whyNotProxied(servers, standbys) {
  const up = (/** @type {string} */ backend) =>
    servers.filter((server) => server.backend === backend && server.up).length;
  if (up('leader') === 1 && up('replicas') === standbys && up('api') === 2) return undefined;
  return `HAProxy sees ${up('leader')} leaders, ${up('replicas')} replicas and ${up('api')} instances of the service`;
}
