// Observes what only Docker and programs in containers can tell. Slower than observe.mjs, for each question starts a process.
import { etcdHealthCommand, healthyEtcds } from './core/etcd.mjs';
import { etcds, expectedServices } from './core/members.mjs';
import { docker } from './docker.mjs';
import { container, isOn, project } from './environment.mjs';
import { observe, observeInstances } from './observe.mjs';

/** @import { EtcdMember, FullObservation, Observation } from './core/observation.mjs' */

/**
 * Observes everything that `findings` judges, except disks and passwords.
 *
 * @returns {Promise<FullObservation>}
 */
export async function observeAll() {
  const [seen, containers, instances] = await Promise.all([observe(), observeContainers(), observeInstances()]);
  const [etcd, wal] = await Promise.all([observeEtcd(containers), observeWal(seen)]);
  const services = expectedServices(seen.expected, containers?.keys() ?? [], isOn);
  return { ...seen, services, containers, instances, etcd, wal };
}

/**
 * The containers by service; null where no Docker engine answers.
 *
 * @returns {Promise<FullObservation['containers']>}
 */
async function observeContainers() {
  const ofProject = `label=com.docker.compose.project=${project()}`;
  const oneOff = 'label=com.docker.compose.oneoff=False';
  const format = '{{.Label "com.docker.compose.service"}} {{.Names}} {{.State}}';
  const { ok, stdout } = await docker('ps', '-a', '--filter', ofProject, '--filter', oneOff, '--format', format);
  if (!ok) return null;
  const rows = stdout.split('\n').filter(Boolean);
  return new Map(
    rows.map((row) => row.split(' ')).map(([service = '', name = '', state = '']) => [service, { name, state }]),
  );
}

/**
 * The health of all members of etcd, asked by etcdctl in a container that runs.
 *
 * @param {FullObservation['containers']} containers
 * @returns {Promise<FullObservation['etcd']>}
 */
async function observeEtcd(containers) {
  const asked = etcds.find((name) => containers?.get(name)?.state === 'running');
  const { stdout } =
    asked === undefined ? { stdout: '' } : await docker('exec', container(asked), ...etcdHealthCommand);
  const healthy = healthyEtcds(stdout);
  const members = etcds.map(
    /** @returns {Promise<EtcdMember>} */
    async (name) =>
      healthy.includes(name) ? { name, healthy: true } : { name, healthy: false, lost: await isLost(name) },
  );
  // A healthy member has just read through etcd's leader, so there is a quorum.
  return { quorum: healthy.length > 0, members: await Promise.all(members) };
}

/**
 * Whether an etcd member has lost its data: its volume is gone, or its log says that the others know it with other data.
 *
 * @param {string} name
 */
async function isLost(name) {
  const [volume, log] = await Promise.all([
    docker('volume', 'inspect', `${project()}_${name}`),
    docker('logs', '--tail', '20', container(name)),
  ]);
  return (
    !volume.ok || /has already been bootstrapped|permanently removed from the cluster/.test(log.stdout + log.stderr)
  );
}

/**
 * For each replica that does not stream: the WAL that it needs next, and the oldest that the leader has. A replica that lacks WAL asks
 * for it five times a second, and is `streaming` while it asks. HAProxy's checks, which saw it fail, show that it is not healthy.
 *
 * @param {Observation} seen
 * @returns {Promise<FullObservation['wal']>}
 */
async function observeWal({ leader, members, proxied }) {
  if (leader === undefined) return new Map();
  const idle = members.filter(
    (member) =>
      member !== leader && (member.state !== 'streaming' || (proxied.size > 0 && proxied.get(member.name) !== 'UP')),
  );
  const gaps = idle.map(
    /** @returns {Promise<[string, {needs: string, oldest: string}][]>} */
    async ({ name }) => {
      // WAL that was received and not yet replayed is on the replica's disk.
      const has = (await sql(name, 'SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())')).trim();
      if (!/^[0-9A-F]+\/[0-9A-F]+$/.test(has)) return [];
      const files = await sql(
        leader.name,
        `SELECT substr(pg_walfile_name('${has}'), 9), min(substr(name, 9)) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'`,
      );
      const [needs = '', oldest = ''] = files.trim().split('|');
      return oldest === '' ? [] : [[name, { needs, oldest }]];
    },
  );
  return new Map((await Promise.all(gaps)).flat());
}

/** @type {(member: string, query: string) => Promise<string>} */
const sql = async (member, query) =>
  (await docker('exec', container(member), 'psql', '-U', 'postgres', '-XAtqc', query)).stdout;
