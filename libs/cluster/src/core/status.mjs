// What `scripts/lab status` reports, as an object and as text.
import { findings } from './findings.mjs';
import { isWhole } from './health.mjs';

/**
 * @import { FullObservation } from './observation.mjs'
 * @typedef {ReturnType<typeof statusOf>} Status
 */

/**
 * Other programs read this object (`status --json`), so fields may be added and none may be removed.
 *
 * @param {FullObservation} seen
 * @param {{write: number, read: number, stats: number, api: number}} ports
 */
export const statusOf = (seen, ports) => ({
  scope: seen.scope,
  leader: seen.leader?.name ?? null,
  timeline: seen.leader?.timeline ?? null,
  whole: isWhole(seen),
  members: seen.members.map(({ name, host, role, state, timeline = null, lag }) => ({
    name,
    host,
    role,
    state,
    timeline,
    lagBytes: role === 'leader' ? 0 : typeof lag === 'number' ? lag : null,
  })),
  ports,
  api: { status: seen.api },
  etcd: seen.etcd,
  paused: seen.pause,
  problems: findings(seen).map(({ code, what, mend }) => ({ code, what, mend })),
});

/** @type {(status: Status) => string} */
export function statusText({ scope, leader, timeline, members, api, etcd, paused, problems }) {
  const rows = [
    ['MEMBER', 'ROLE', 'STATE', 'TIMELINE', 'LAG'],
    ...members.map((m) => [m.name, m.role, m.state, m.timeline ?? '?', m.lagBytes === null ? '?' : `${m.lagBytes} B`]),
  ];
  const padded = rows.map((row) => row.map((cell) => String(cell).padEnd(16)).join(''));
  return [
    `cluster ${scope ?? 'unreachable'}   leader ${leader ?? 'none'}   timeline ${timeline ?? '?'}   API ${api.status}`,
    ...padded.map((row) => row.trimEnd()),
    `etcd ${etcd.members.map(({ name, healthy }) => `${name} ${healthy ? 'healthy' : 'not healthy'}`).join(', ')}   quorum ${etcd.quorum ? 'yes' : 'no'}${paused ? '   Patroni is paused' : ''}`,
    ...problems.map(({ what, mend }) => `✗ ${what} Mend: ${mend}`),
  ].join('\n');
}
