// The conditions for which `cluster.mjs wait SECONDS CONDITION…` can wait.
import { isReadyStandby, isWhole } from './health.mjs';
import { isMode, rolesFit } from './mode.mjs';

/**
 * @import { FullObservation, Observation } from './observation.mjs'
 * @typedef {Observation & Partial<FullObservation>} Seen
 * @typedef {(seen: Seen, value: string) => boolean} Holds
 * @typedef {{needsContainers: boolean, holds: (seen: Seen) => boolean, isHopeless: (seen: Seen) => boolean}} Condition
 */

/** @type {Holds} */
const isListed = ({ members }, name) => members.some((member) => member.name === name);

/** @type {Holds} */
const isStandby = (seen, name) => seen.members.some((member) => member.name === name && isReadyStandby(member, seen));

/**
 * The conditions by their spelling on the command line; M stands for the value.
 *
 * @type {Readonly<Record<string, Holds>>}
 */
const conditions = {
  leader: ({ leader }) => leader !== undefined,
  'leader=M': ({ leader }, name) => leader?.name === name,
  'leader!=M': ({ leader }, name) => leader !== undefined && leader.name !== name,
  // The member leads, or is ready to take over.
  'member=M': (seen, name) => seen.leader?.name === name || isStandby(seen, name),
  'standby=M': isStandby,
  // The member is gone. While nobody leads, the list proves nothing.
  'member!=M': (seen, name) => seen.leader !== undefined && !isListed(seen, name),
  whole: isWhole,
  api: ({ api }) => api === 'ready',
  // Every member answers itself: Patroni still lists a dead member until its lease ends.
  answering: ({ modes }) => modes.every((mode) => mode !== undefined),
  // Patroni is not paused.
  managed: ({ pause }) => !pause,
  // Every member has this mode, and the standbys have its roles.
  'mode=M': ({ modes, members, leader }, mode) =>
    isMode(mode) &&
    modes.every((said) => said === mode) &&
    rolesFit(
      mode,
      members.filter((member) => member !== leader).map(({ role }) => role),
    ),
  // HAProxy sends reads to the member.
  'proxied=M': ({ proxied }, name) => proxied.get(name) === 'UP',
  // HAProxy does not check the member any more.
  'retired=M': ({ proxied }, name) => proxied.get(name) === 'MAINT',
  // Every member of etcd is healthy.
  etcd: ({ etcd }) => etcd?.members.every(({ healthy }) => healthy) === true,
  // Each instance of the API can write and read now.
  serves: ({ instances }) => instances?.every(({ answers, problems }) => answers && problems.length === 0) === true,
};

/**
 * When it is of no use to wait for a condition any longer.
 *
 * @type {Readonly<Record<string, (seen: Seen) => boolean>>}
 */
const hopeless = {
  // A member that has lost its data never joins the others by itself.
  etcd: ({ etcd }) => etcd?.members.some(({ lost }) => lost) === true,
};

/** Conditions that need an observation of the containers, too. */
const needContainers = ['etcd', 'serves'];

/**
 * Reads a condition from the command line.
 *
 * @param {string} text
 * @returns {Condition}
 * @throws {Error} with the names of all conditions
 */
export function parseCondition(text) {
  const [, name = '', operator = '', value = ''] = /^(\w+)(?:(!?=)(\w+))?$/.exec(text) ?? [];
  const holds = conditions[operator === '' ? name : `${name}${operator}M`];
  if (holds === undefined) {
    throw new Error(`there is no condition '${text}'; there are ${Object.keys(conditions).join(', ')}`);
  }
  return {
    needsContainers: needContainers.includes(name),
    holds: (seen) => holds(seen, value),
    isHopeless: hopeless[name] ?? (() => false),
  };
}
