// What can be waited for: `cluster.mjs wait SECONDS CONDITION…`.
import { isReadyStandby, isWhole } from './health.mjs';
import { isMode, rolesFit } from './mode.mjs';

/**
 * @import { FullObservation, Observation } from './observation.mjs'
 * @typedef {Observation & Partial<FullObservation>} Seen
 * @typedef {(seen: Seen, value: string) => boolean} Holds
 * @typedef {{needsContainers: boolean, holds: (seen: Seen) => boolean}} Condition
 */

/** @type {Holds} */
const isListed = ({ members }, name) => members.some((member) => member.name === name);

/** @type {Holds} */
const isStandby = (seen, name) => seen.members.some((member) => member.name === name && isReadyStandby(member, seen));

/**
 * By their spelling, with M for the value.
 *
 * @type {Readonly<Record<string, Holds>>}
 */
const conditions = {
  leader: ({ leader }) => leader !== undefined,
  'leader=M': ({ leader }, name) => leader?.name === name,
  'leader!=M': ({ leader }, name) => leader !== undefined && leader.name !== name,
  // It leads, or is ready to.
  'member=M': (seen, name) => seen.leader?.name === name || isStandby(seen, name),
  'standby=M': isStandby,
  // It is gone: while nobody leads, the list says nothing.
  'member!=M': (seen, name) => seen.leader !== undefined && !isListed(seen, name),
  whole: isWhole,
  api: ({ api }) => api === 'ready',
  // Every member by itself: a dead one is listed for as long as its lease lives.
  answering: ({ modes }) => modes.every((mode) => mode !== undefined),
  // Patroni is not paused.
  managed: ({ pause }) => !pause,
  // On every member, and in the roles of the standbys.
  'mode=M': ({ modes, members, leader }, mode) =>
    isMode(mode) &&
    modes.every((said) => said === mode) &&
    rolesFit(
      mode,
      members.filter((member) => member !== leader).map(({ role }) => role),
    ),
  // HAProxy reads from it.
  'proxied=M': ({ proxied }, name) => proxied.get(name) === 'UP',
  // HAProxy looks for it no more.
  'retired=M': ({ proxied }, name) => proxied.get(name) === 'MAINT',
  // Every member of it is healthy.
  etcd: ({ etcd }) => etcd?.members.every(({ healthy }) => healthy) === true,
  // Each instance of the API can write and read now.
  serves: ({ instances }) => instances?.every(({ answers, problems }) => answers && problems.length === 0) === true,
};

/** What is only known once containers are asked, too. */
const needContainers = ['etcd', 'serves'];

/**
 * A condition as it is written on the command line.
 *
 * @param {string} text
 * @returns {Condition}
 * @throws {Error} naming those that exist
 */
export function parseCondition(text) {
  const [, name = '', operator = '', value = ''] = /^(\w+)(?:(!?=)(\w+))?$/.exec(text) ?? [];
  const holds = conditions[operator === '' ? name : `${name}${operator}M`];
  if (holds === undefined) {
    throw new Error(`there is no condition '${text}'; there are ${Object.keys(conditions).join(', ')}`);
  }
  return { needsContainers: needContainers.includes(name), holds: (seen) => holds(seen, value) };
}
