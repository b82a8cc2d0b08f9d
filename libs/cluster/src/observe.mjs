// What the cluster, HAProxy, the API and etcd say of themselves. The environment: see `cluster` in cluster.sh.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const ports = (name) => process.env[name].split(',').map(Number);
/** Longer than HEALTH_TIMEOUT_MS of the API. */
const healthTimeoutMs = 4_000;

const ask = (port, path, timeoutMs = 2_000) =>
  fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(timeoutMs) });

export async function observe() {
  const answers = ports('PATRONI_PORTS').map(async (port) => {
    const [cluster, config] = await Promise.all(
      ['/cluster', '/config'].map(async (path) => (await ask(port, path)).json()),
    );
    return { ...cluster, mode: modeOf(config) };
  });
  const [{ scope = null, members = [], mode, pause = false }, settled, api, proxied] = await Promise.all([
    Promise.any(answers).catch(() => ({})),
    Promise.allSettled(answers),
    apiStatus(),
    proxyStates(),
  ]);
  return {
    scope,
    members,
    mode,
    /** Of each member that should be there; undefined where it does not answer. */
    modes: settled.map(({ value }) => value?.mode),
    pause,
    api,
    proxied,
    leader: members.find((m) => m.role === 'leader' && m.state === 'running'),
  };
}

function modeOf({ synchronous_mode: mode }) {
  if (mode === 'quorum') return 'quorum';
  return mode ? 'sync' : 'async';
}

/** What HAProxy thinks of each server that might answer reads: UP, DOWN, MAINT … */
async function proxyStates() {
  const metrics = await ask(ports('HAPROXY_STATS_PORT')[0], '/metrics').then(
    (response) => response.text(),
    () => '',
  );
  const states = /^haproxy_server_status\{proxy="replicas",server="(\w+)",state="(\w+)"\} 1$/gm;
  return new Map([...metrics.matchAll(states)].map(([, name, state]) => [name, state]));
}

/** Of the port all instances share, and of each. */
async function apiStatus() {
  const answers = ports('API_PORTS').map((port) =>
    ask(port, '/health/ready').then(
      (response) => response.ok,
      () => undefined,
    ),
  );
  const [shared, ...instances] = await Promise.all(answers);
  if (shared === undefined) return 'down';
  if (!shared) return 'not ready';
  return instances.every(Boolean) ? 'ready' : 'degraded';
}

export const streams = (member, seen) =>
  member.state === 'streaming' &&
  member.timeline === seen.leader?.timeline &&
  // In quorum mode a standby that Patroni has not listed yet could not be promoted.
  (seen.mode !== 'quorum' || member.role === 'quorum_standby');

/** How many standbys there should be: as many as there are members to ask, without the leader. */
export const standbys = () => ports('PATRONI_PORTS').length - 1;
export const streaming = (seen) => seen.members.filter((m) => streams(m, seen));
export const isWhole = (seen) =>
  Boolean(seen.leader) &&
  streaming(seen).length === standbys() &&
  seen.members.length === standbys() + 1 &&
  (seen.mode !== 'sync' || seen.members.some(({ role }) => role === 'sync_standby'));

const run = promisify(execFile);
const etcds = ['etcd1', 'etcd2', 'etcd3'];
const container = (service) => `${process.env.LAB_PREFIX}${service}`;

/** Bounds each question to Docker, a command in a container included. */
const dockerTimeoutMs = 10_000;

/** Both streams of the docker client, whether it succeeds or not. */
export const docker = (...args) =>
  run('docker', args, { timeout: dockerTimeoutMs }).then(
    ({ stdout, stderr }) => ({ ok: true, stdout, stderr }),
    ({ stdout = '', stderr = '' }) => ({ ok: false, stdout, stderr }),
  );

/** What should run: the fourth member for as long as it belongs to the lab. */
const services = () => [
  ...etcds,
  ...ports('PATRONI_PORTS').map((_, i) => `patroni${i + 1}`),
  'haproxy',
  'redis',
  'api1',
  'api2',
];

/** The containers by service, null where no engine answers. */
async function observeContainers() {
  const project = `label=com.docker.compose.project=${process.env.LAB_NAME}`;
  const oneOff = 'label=com.docker.compose.oneoff=False';
  const format = '{{.Label "com.docker.compose.service"}} {{.Names}} {{.State}}';
  const { ok, stdout } = await docker('ps', '-a', '--filter', project, '--filter', oneOff, '--format', format);
  if (!ok) return null;
  const rows = stdout.split('\n').filter(Boolean);
  return new Map(rows.map((row) => row.split(' ')).map(([service, name, state]) => [service, { name, state }]));
}

/** No port of etcd is published, so that a member which runs is borrowed to ask all of them. */
async function observeEtcd(containers) {
  const asked = etcds.find((name) => containers?.get(name)?.state === 'running');
  const healthy = asked === undefined ? [] : await healthyEtcds(asked);
  const members = etcds.map(async (name) =>
    healthy.includes(name) ? { name, healthy: true } : { name, healthy: false, lost: await isLost(name) },
  );
  // A healthy member has just read through the leader.
  return { quorum: healthy.length > 0, members: await Promise.all(members) };
}

async function healthyEtcds(asked) {
  const endpoints = `--endpoints=${etcds.map((name) => `http://${name}:2379`).join()}`;
  const command = ['etcdctl', endpoints, '--command-timeout=2s', 'endpoint', 'health', '-w', 'json'];
  const { stdout } = await docker('exec', container(asked), ...command);
  try {
    return JSON.parse(stdout).flatMap(({ endpoint, health }) => (health ? [new URL(endpoint).hostname] : []));
  } catch {
    return [];
  }
}

/** Its volume is gone, or it says that the others know it with other data. */
async function isLost(name) {
  const [volume, log] = await Promise.all([
    docker('volume', 'inspect', `${process.env.LAB_NAME}_${name}`),
    docker('logs', '--tail', '20', container(name)),
  ]);
  return (
    !volume.ok || /has already been bootstrapped|permanently removed from the cluster/.test(log.stdout + log.stderr)
  );
}

/** What each instance of the API says of its connections. */
async function observeInstances() {
  return Promise.all(
    ports('API_PORTS')
      .slice(1)
      .map(async (port, i) => {
        const name = `api${i + 1}`;
        try {
          const { details } = await (await ask(port, '/health', healthTimeoutMs)).json();
          const problems = ['write', 'read']
            .filter((side) => details[side].status === 'down')
            .map((side) => `${side} ${details[side].message}`);
          return { name, answers: true, problems };
        } catch {
          return { name, answers: false, problems: [] };
        }
      }),
  );
}

/**
 * Of replicas that do not stream: what each needs next, and the oldest WAL that the leader has. One that lacks WAL asks for it five
 * times a second and is `streaming` while it asks; HAProxy, which saw it fail, tells that from one that is well.
 */
async function observeWal({ leader, members, proxied }) {
  const isDoubtful = ({ name, state }) => state !== 'streaming' || (proxied.size > 0 && proxied.get(name) !== 'UP');
  const idle = leader ? members.filter((m) => m !== leader && isDoubtful(m)) : [];
  const gaps = idle.map(async ({ name }) => {
    // Received and not replayed yet is on its disk already.
    const has = (await sql(name, 'SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())')).trim();
    if (!/^[0-9A-F]+\/[0-9A-F]+$/.test(has)) return [];
    const files = await sql(
      leader.name,
      `SELECT substr(pg_walfile_name('${has}'), 9), min(substr(name, 9)) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'`,
    );
    const [needs, oldest] = files.trim().split('|');
    return oldest ? [[name, { needs, oldest }]] : [];
  });
  return new Map((await Promise.all(gaps)).flat());
}

const sql = async (member, query) =>
  (await docker('exec', container(member), 'psql', '-U', 'postgres', '-XAtqc', query)).stdout;

/** {@link observe}, and what containers, etcd, the API and WAL say: everything that `findings` judges but disks and passwords. */
export async function observeAll() {
  const [seen, containers, instances] = await Promise.all([observe(), observeContainers(), observeInstances()]);
  const [etcd, wal] = await Promise.all([observeEtcd(containers), observeWal(seen)]);
  return { ...seen, services: services(), containers, instances, etcd, wal };
}
