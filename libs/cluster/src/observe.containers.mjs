// What only Docker and programs in containers can say. Dearer than observe.mjs: each question starts a process.
import { etcdHealthCommand, healthyEtcds } from './core/etcd.mjs';
import { etcds, servicesOf } from './core/members.mjs';
import { docker } from './docker.mjs';
import { container, project } from './environment.mjs';
import { observe, observeInstances } from './observe.mjs';

/** @import { EtcdMember, FullObservation, Observation } from './core/observation.mjs' */

/**
 * Everything that `findings` judges but disks and passwords.
 *
 * @returns {Promise<FullObservation>}
 */
export async function observeAll() {
  const [seen, containers, instances] = await Promise.all([observe(), observeContainers(), observeInstances()]);
  const [etcd, wal] = await Promise.all([observeEtcd(containers), observeWal(seen)]);
  return { ...seen, services: servicesOf(seen.expected), containers, instances, etcd, wal };
}

/**
 * The containers by service, null where no engine answers.
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
 * A member that runs is borrowed to ask all of them.
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
  // A healthy member has just read through the leader.
  return { quorum: healthy.length > 0, members: await Promise.all(members) };
}

/**
 * Its volume is gone, or it says that the others know it with other data.
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
 * Of replicas that run and do not stream: what each needs next, and the oldest WAL that the leader has.
 *
 * @param {Observation} seen
 * @returns {Promise<FullObservation['wal']>}
 */
async function observeWal({ leader, members }) {
  if (leader === undefined) return new Map();
  const idle = members.filter((member) => member !== leader && member.state !== 'streaming');
  const gaps = idle.map(
    /** @returns {Promise<[string, {needs: string, oldest: string}][]>} */
    async ({ name }) => {
      const replayed = (await sql(name, 'SELECT pg_last_wal_replay_lsn()')).trim();
      if (!/^[0-9A-F]+\/[0-9A-F]+$/.test(replayed)) return [];
      const files = await sql(
        leader.name,
        `SELECT substr(pg_walfile_name('${replayed}'), 9), min(substr(name, 9)) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'`,
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
