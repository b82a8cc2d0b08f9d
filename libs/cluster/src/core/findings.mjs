// Decides from an observation what is wrong with the lab, and names the command that mends it.

import { streams } from './health.mjs';
import { isMember, proxiesOf } from './members.mjs';

/**
 * @import { FullObservation } from './observation.mjs'
 *
 * @typedef {object} Finding
 * @property {string} code Never changes: scripts/lib/doctor.sh decides by it.
 * @property {string} subject The service, volume or role that is concerned.
 * @property {string} what
 * @property {string} mend The command that mends it or shows more, or the section of the runbook.
 * @property {boolean} fixable Whether `scripts/lab doctor --fix` mends it.
 */

/**
 * What was observed. A field that is undefined was not observed, and gives no finding.
 *
 * @typedef {object} More
 * @property {{service: string, name: string, project: string}[]} [strangers] Containers of other projects with names of the lab.
 * @property {string[]} [refused] Roles whose password in .env is not the cluster's.
 * @property {{member: string, usedPercent: number}[]} [disks]
 * @property {{name: string, layout: string}[]} [volumes]
 * @property {string | undefined} [layout] The layout that this version needs.
 * @property {boolean} [toolbox]
 *
 * @typedef {Pick<FullObservation, 'services'> & Partial<FullObservation> & More} Seen
 */

/** A disk that is fuller than this may soon have no room for WAL. */
const fullPercent = 95;

/** @type {(code: string, subject: string, what: string, mend: string, fixable?: boolean) => Finding} */
const finding = (code, subject, what, mend, fixable = false) => ({ code, subject, what, mend, fixable });

/** @type {(wal: {needs: string, oldest: string}) => boolean} */
export const lacksWal = ({ needs, oldest }) => needs < oldest;

/**
 * The findings, causes before consequences: when they are mended in this order, some of the later ones vanish.
 *
 * @type {(seen: Seen) => Finding[]}
 */
export function findings(seen) {
  if (seen.containers === null) {
    return [finding('engine_silent', 'docker', 'No Docker engine answers.', 'scripts/lab up', true)];
  }
  return [
    ...ofVolumes(seen),
    ...ofStrangers(seen),
    ...ofContainers(seen),
    ...ofEtcd(seen),
    ...ofCluster(seen),
    ...ofReplicas(seen),
    ...ofProxy(seen),
    ...ofAccess(seen),
    ...ofDisks(seen),
    ...(seen.toolbox === false
      ? [
          finding(
            'toolbox_missing',
            'toolbox',
            'The image that drills cut networks with is missing.',
            'scripts/lab up',
            true,
          ),
        ]
      : []),
  ];
}

/** @type {(seen: Seen) => Finding[]} */
const ofVolumes = ({ volumes = [], layout }) =>
  volumes
    .filter((volume) => volume.layout !== layout)
    .map(({ name, layout: found }) =>
      finding(
        'layout_foreign',
        name,
        `Volume ${name} has layout '${found || 'none'}', this version needs '${layout}'.`,
        'scripts/lab down --volumes (all data of the lab is lost)',
      ),
    );

/**
 * These containers are not removed, for their owner may still need them.
 *
 * @param {Seen} seen
 * @returns {Finding[]}
 */
const ofStrangers = ({ strangers = [] }) =>
  strangers.map(({ name, project }) => {
    const owner = project === '' ? 'no project' : `project '${project}'`;
    const what = `Container ${name} is of ${owner} and has the name that the lab needs.`;
    return finding('container_foreign', name, what, `docker rm -f ${name} (its volumes stay)`);
  });

/**
 * @param {Seen} seen
 * @returns {Finding[]}
 */
function ofContainers({ services, containers, etcd, strangers = [] }) {
  if (!containers) return [];
  if (containers.size === 0 && strangers.length > 0) return [];
  if (containers.size === 0) return [finding('lab_down', 'lab', 'The lab is not running.', 'scripts/lab up', true)];
  const isLost = (/** @type {string} */ service) => etcd?.members.some(({ name, lost }) => name === service && lost);
  return services
    .filter((service) => !isLost(service))
    .flatMap((service) => {
      const container = containers.get(service);
      if (container === undefined) {
        if (strangers.some((stranger) => stranger.service === service)) return [];
        return [finding('container_missing', service, `${service} has no container.`, 'scripts/lab up', true)];
      }
      const { name, state } = container;
      switch (state) {
        case 'running':
          return [];
        case 'paused':
          return [finding('container_paused', service, `${service} is paused.`, `docker unpause ${name}`, true)];
        case 'restarting': {
          const what = `${service} ends again and again soon after its start.`;
          return [finding('container_restarting', service, what, `scripts/lab logs ${service}`)];
        }
        default:
          return [finding('container_stopped', service, `${service} is ${state}.`, `docker start ${name}`, true)];
      }
    });
}

/**
 * @param {Seen} seen
 * @returns {Finding[]}
 */
function ofEtcd({ etcd, containers }) {
  if (etcd === undefined || containers?.size === 0) return [];
  const unhealthy = etcd.members.filter(({ healthy }) => !healthy);
  const quorum = etcd.quorum
    ? []
    : [
        finding(
          'etcd_no_quorum',
          'etcd',
          'etcd has no quorum: nobody can take over from the leader.',
          'docs/runbook.md, "etcd has lost its quorum"',
        ),
      ];
  const members = unhealthy.flatMap(({ name, lost }) => {
    if (lost) {
      const what = `${name} has lost its data and cannot join the others again by itself.`;
      // The other members must agree to replace it, so that needs a quorum.
      return [finding('etcd_member_lost', name, what, 'scripts/lab doctor --fix', etcd.quorum)];
    }
    // A member that does not run has a finding already, and without a quorum none can be healthy.
    if (!etcd.quorum || containers?.get(name)?.state !== 'running') return [];
    return [finding('etcd_member_unhealthy', name, `${name} runs and is not healthy.`, `scripts/lab logs ${name}`)];
  });
  return [...quorum, ...members];
}

/**
 * @param {Seen} seen
 * @returns {Finding[]}
 */
function ofCluster({ scope, leader, pause, containers }) {
  if (scope === undefined || containers?.size === 0) return [];
  if (scope === null) return [finding('patroni_silent', 'patroni', 'No Patroni answers.', 'scripts/lab logs patroni1')];
  return [
    ...(leader === undefined
      ? [finding('no_leader', 'patroni', 'No member leads.', 'docs/runbook.md, "No leader"')]
      : []),
    ...(pause
      ? [
          finding(
            'patroni_paused',
            'patroni',
            'Patroni is paused: no automatic failover.',
            `docker exec ${containers?.get(leader?.name ?? 'patroni1')?.name ?? 'patroni1'} patronictl resume --wait`,
            true,
          ),
        ]
      : []),
  ];
}

/**
 * @param {Seen} seen
 * @returns {Finding[]}
 */
function ofReplicas({ members = [], leader, wal, services, containers, scope }) {
  const replicas = leader === undefined ? [] : members.filter(({ name }) => name !== leader.name);
  const runs = (/** @type {string} */ name) => containers === undefined || containers?.get(name)?.state === 'running';
  const absent = services.filter(
    (name) => scope && isMember(name) && runs(name) && !members.some((member) => member.name === name),
  );
  return [
    ...replicas
      .filter(({ name }) => runs(name))
      .flatMap((member) => {
        const { name, state, timeline } = member;
        const gap = wal?.get(name);
        // Its state does not matter: at each attempt to get the missing WAL it is `streaming`.
        if (gap !== undefined && lacksWal(gap)) {
          const what = `${name} cannot catch up: it needs WAL ${gap.needs}, and the oldest that the leader has is ${gap.oldest}.`;
          return [finding('replica_without_wal', name, what, `scripts/lab reinit ${name}`, true)];
        }
        if (streams(member, leader)) return [];
        const what =
          state === 'streaming'
            ? `${name} streams timeline ${timeline}, and the leader writes ${leader?.timeline}.`
            : `${name} is ${state} and does not stream.`;
        return [finding('replica_not_streaming', name, what, `scripts/check_replica_stuck.sh ${name}`)];
      }),
    ...absent.map((name) =>
      finding('member_absent', name, `Patroni does not list ${name}.`, `scripts/lab logs ${name}`),
    ),
  ];
}

/**
 * @param {Seen} seen
 * @returns {Finding[]}
 */
function ofProxy({ members = [], proxied, containers, wal }) {
  if (proxied === undefined || proxied.size === 0) return [];
  const proxies = proxiesOf([...(containers?.keys() ?? [])]).map(
    (service) => containers?.get(service)?.name ?? service,
  );
  // HAProxy is right not to read from a member that lacks WAL.
  const isRefused = (/** @type {string} */ member) => {
    const gap = wal?.get(member);
    return gap !== undefined && lacksWal(gap);
  };
  return members
    .filter((member) => member.state === 'streaming' && proxied.get(member.name) !== 'UP' && !isRefused(member.name))
    .map((member) =>
      finding(
        'haproxy_disagrees',
        member.name,
        `${member.name} streams, and HAProxy does not read from it (${proxied.get(member.name) ?? 'unknown'}).`,
        `docker kill --signal USR2 ${proxies.join(' ')}`,
        true,
      ),
    );
}

/**
 * @param {Seen} seen
 * @returns {Finding[]}
 */
function ofAccess({ refused = [], instances = [], containers }) {
  const passwords = refused.map((role) =>
    finding('password_wrong', role, `The password of ${role} in .env is not the cluster's.`, 'scripts/lab up', true),
  );
  const api = instances
    .filter(({ name }) => containers === undefined || containers?.get(name)?.state === 'running')
    .flatMap(({ name, answers, problems }) => {
      if (!answers) return [finding('api_silent', name, `${name} does not answer.`, `scripts/lab logs ${name}`)];
      if (problems.length === 0) return [];
      const what = `${name} cannot use the database: ${problems.join('; ')}.`;
      // SQLSTATE 28P01: the server refused the password.
      return problems.some((problem) => problem.includes('28P01'))
        ? [finding('password_wrong', name, what, 'scripts/lab up', true)]
        : [finding('api_without_database', name, what, `scripts/lab logs ${name}`)];
    });
  return [...passwords, ...api];
}

/** @type {(seen: Seen) => Finding[]} */
const ofDisks = ({ disks = [] }) =>
  disks
    .filter(({ usedPercent }) => usedPercent > fullPercent)
    .map(({ member, usedPercent }) =>
      finding(
        'disk_full',
        member,
        `The disk of ${member} is ${usedPercent} % full.`,
        'docs/runbook.md, "Full disk on the leader"',
      ),
    );
