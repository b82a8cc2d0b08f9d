import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Lab } from '../../cluster/src/lab.js';
import { pause } from '../../cluster/src/wait.js';
import { containerOf, docker } from '../test/support/docker.js';
import { PlainClients } from '../test/support/plain.clients.js';
import { lab as settings } from '../test/support/settings.js';
import { barsChart } from './bars.chart.js';
import { withLab } from './measured.trial.js';
import { publish, table, type Cell } from './published.table.js';

const clientCounts = [20, 150, 400, 1_000];
const leastSeconds = 10;
/** pgbench counts the time in which its clients connect: about 15 ms each, most of it for the two sides of SCRAM. */
const secondsPerClient = 0.02;
/** All clients are connected by then. */
const sampleBeforeEndMs = 3_000;
const pgbenchBoundMs = 60_000;
const aroundMs = 5_000;
const healthyBoundMs = 180_000;
/** All clients of a switchover together write so often, however many they are. */
const rowsPerSecond = 150;
const kinds = 3;
const pairs = 1_500;
const readers = 8;

const poolerImage = 'pg-ha-lab/pooler';
const network = `${settings.project}_default`;
const central = `${settings.prefix}pooler-central`;
const readBack = 'SELECT value FROM lab.chaos_counters WHERE key = $1';

/** A way from a client to PostgreSQL. Ports of the host, and a name and port within the lab's network. */
interface Way {
  readonly name: string;
  readonly port: number;
  readonly inside: readonly [host: string, port: number];
  readonly read: { readonly port: number; readonly database?: string };
  /** The container of its PgBouncer and the name of its configuration. */
  readonly pooler?: (leader: string) => readonly [container: string, ini: string];
}

interface Load {
  readonly tps: number | undefined;
  readonly cells: readonly Cell[];
}

const centralIni = `[databases]
app_db = host=haproxy port=5000
app_db_read = host=haproxy port=5001 dbname=app_db
[pgbouncer]
listen_addr = *
listen_port = 6432
auth_type = scram-sha-256
auth_file = /tmp/userlist.txt
pool_mode = transaction
default_pool_size = 20
max_client_conn = 2000
server_login_retry = 1
server_connect_timeout = 2
ignore_startup_parameters = extra_float_digits,options
log_connections = 0
log_disconnections = 0`;

const [loads, gaps, drill] = await withLab(async ({ lab, nemesis }) => {
  if ((await lab.containers.list()).every(({ service }) => service !== 'pooler1')) {
    await nemesis.healLater({ kind: 'removePoolers' });
    await lab.pooler('on');
  }
  const centralPort = await startCentral();
  try {
    const ways = waysOf(centralPort);
    await lab.psql(
      await lab.leader(),
      "INSERT INTO lab.chaos_counters VALUES ('bench-pooler', 0) ON CONFLICT DO NOTHING",
    );
    const [replica = ''] = await lab.replicas();
    await nemesis.freezeReplay(replica);
    const drilled: Cell[][] = [];
    for (const way of ways) drilled.push(await missedWrites(way));
    await nemesis.heal(replica);
    const loaded = new Map<string, Load>();
    const waited: Cell[][] = [];
    for (const clients of clientCounts) {
      for (const way of ways) {
        const load = await underLoad(lab, way, clients);
        loaded.set(`${clients} ${way.name}`, load);
        console.error(clients, way.name, ...load.cells);
        waited.push([clients, way.name, ...(await overSwitchover(lab, way, clients))]);
        console.error(...(waited.at(-1) ?? []));
      }
    }
    return [loaded, waited, drilled] as const;
  } finally {
    await docker(['rm', '--force', central]);
    await lab.psql(await lab.leader(), "DELETE FROM lab.chaos_counters WHERE key LIKE 'bench-pooler%'");
  }
});

const names = waysOf(0).map(({ name }) => name);
await publish(
  'pooler',
  'Pooling: what it saves, and where it may stand',
  [
    'Side by side: through HAProxy only (:5000), through the pooler beside the leader (:5010), and through one PgBouncer in front of HAProxy, which only this benchmark starts. ' +
      'All pools have 20 backends for a user.',
    `## Many clients\n\n\`pgbench\` reads one row by its key for ${leastSeconds} s or longer, from a container of its own in the lab's network. Memory is what only these processes have (RssAnon); ` +
      '"connected in" is the time until all clients are.',
    table(
      ['clients', 'way', 'TPS', 'latency ms', 'connected in s', 'backends', 'their memory MB', 'PgBouncer MB'],
      clientCounts.flatMap((clients) =>
        names.map((name) => [clients, name, ...(loads.get(`${clients} ${name}`)?.cells ?? [])]),
      ),
    ),
    '## An ordinary switchover\n\nClients that insert rows and never try anything again, a third each with autocommit, with transactions, and with a connection for each row; ' +
      `${rowsPerSecond} rows a second together. A client connects again after an error.`,
    table(['clients', 'way', 'acknowledged', 'lost', 'longest time without s', 'errors', 'the most frequent'], gaps),
    `## Reads with a token\n\nOne replica replays nothing. ${pairs} times a client writes, takes the position as its token, asks a replica whether it has replayed that, and if so reads the row: ` +
      `two transactions, ${readers} clients at a time. A pooler in front of HAProxy gives them to two replicas.`,
    table(['way', 'pairs', 'read from a replica', 'own write missed', 'of those read'], drill),
  ],
  barsChart(
    'Transactions a second',
    names,
    clientCounts.map((clients) => ({
      label: `${clients} clients`,
      values: names.map((name) => loads.get(`${clients} ${name}`)?.tps),
    })),
  ),
);

function waysOf(centralPort: number): Way[] {
  return [
    { name: 'direct', port: settings.writePort, inside: ['haproxy', 5_000], read: { port: settings.readPort } },
    {
      name: 'per member',
      port: settings.pooledWritePort,
      inside: ['haproxy', 5_010],
      read: { port: settings.pooledReadPort },
      pooler: (leader) => [containerOf(leader.replace('patroni', 'pooler')), 'write.ini'],
    },
    {
      name: 'central',
      port: centralPort,
      inside: [central, 6_432],
      read: { port: centralPort, database: 'app_db_read' },
      pooler: () => [central, 'central.ini'],
    },
  ];
}

/** @returns its port on the host */
async function startCentral(): Promise<number> {
  await docker(['rm', '--force', central]);
  const script =
    'umask 077; echo "\\"app_user\\" \\"$PGPASSWORD\\"" >/tmp/userlist.txt; echo "$INI" >/tmp/central.ini; exec pgbouncer /tmp/central.ini';
  await runInLab(poolerImage, `--detach --ulimit nofile=8192 --name ${central} --publish 127.0.0.1::6432`, script, {
    INI: centralIni,
  });
  await pause(1_000);
  return Number((await docker(['port', central, '6432'])).split(':').at(-1));
}

/** Runs a script in a container of its own. Values go from environment to environment, so `ps` does not show them. */
async function runInLab(image: string, options: string, script: string, values: Record<string, string> = {}) {
  const given = { PGPASSWORD: settings.sql.password, ...values };
  const variables = Object.keys(given).flatMap((variable) => ['--env', variable]);
  // An image that Compose built gives its containers the lab's label: without it they are not taken for the lab's own.
  const label = 'com.docker.compose.project=';
  const args = [
    'run',
    '--label',
    label,
    '--network',
    network,
    '--user',
    'postgres',
    '--entrypoint',
    'bash',
    ...options.split(' '),
  ];
  const env = { ...process.env, ...given };
  return promisify(execFile)('docker', [...args, ...variables, image, '-c', script], { env, timeout: pgbenchBoundMs });
}

async function underLoad(lab: Lab, { inside: [host, port], pooler }: Way, clients: number): Promise<Load> {
  const leader = await lab.leader();
  const durationSeconds = Math.ceil(leastSeconds + clients * secondsPerClient);
  const script = `echo "SELECT value FROM lab.chaos_counters WHERE key = 'bench-pooler'" >/tmp/q.sql && pgbench -n -f /tmp/q.sql -h ${host} -p ${port} -U app_user -c ${clients} -j 2 -T ${durationSeconds} app_db`;
  // The members' image has pgbench.
  const image = await docker(['inspect', '--format', '{{.Image}}', containerOf(leader)]);
  const running = runInLab(image, '--rm --ulimit nofile=4096', script).catch((error: Error & { stderr?: string }) => ({
    stdout: '',
    stderr: error.stderr ?? error.message,
  }));
  await pause(durationSeconds * 1_000 - sampleBeforeEndMs);
  const pids = await lab.psql(
    leader,
    "SELECT pid FROM pg_stat_activity WHERE usename = 'app_user' AND application_name = 'pgbench'",
  );
  const files = pids.map((pid) => `/proc/${pid}/status`);
  const backendMb = files.length === 0 ? 0 : await anonymousMb(containerOf(leader), files.join(' '));
  const [container, ini] = pooler?.(leader) ?? [];
  const poolerMb =
    container === undefined ? '' : await anonymousMb(container, `/proc/$(pgrep -fx 'pgbouncer /tmp/${ini}')/status`);
  const { stdout, stderr } = await running;
  const tps = /tps = ([\d.]+)/.exec(stdout)?.[1];
  if (tps === undefined) {
    const why = /FATAL: {2}(.*)|error: (.*)/.exec(stderr);
    return { tps: undefined, cells: [why?.[1] ?? why?.[2] ?? 'failed', '', '', '', '', ''] };
  }
  const latency = /latency average = ([\d.]+)/.exec(stdout)?.[1] ?? '';
  const connectMs = Number(/initial connection time = ([\d.]+)/.exec(stdout)?.[1]);
  return {
    tps: Math.round(Number(tps)),
    cells: [Math.round(Number(tps)), latency, (connectMs / 1_000).toFixed(2), pids.length, backendMb, poolerMb],
  };
}

async function anonymousMb(container: string, files: string): Promise<Cell> {
  const script = `awk '/RssAnon/ { kb += $2 } END { printf "%.1f", kb / 1024 }' ${files} 2>/dev/null`;
  return docker(['exec', container, 'bash', '-c', script]).catch(() => '?');
}

async function overSwitchover(lab: Lab, { port }: Way, clients: number): Promise<Cell[]> {
  await lab.waitHealthy(healthyBoundMs);
  const plain = new PlainClients(port, (1_000 * clients) / rowsPerSecond);
  plain.start(Math.round(clients / kinds));
  await pause(aroundMs);
  await lab.switchover(await lab.leader());
  await pause(aroundMs);
  const { acknowledged, lost, gapMs, errors } = await plain.stop(lab);
  return [
    acknowledged,
    lost,
    acknowledged === 0 ? 'all the time' : (gapMs / 1_000).toFixed(2),
    errors.length,
    mostFrequent(errors),
  ];
}

function mostFrequent(errors: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const error of errors) counts.set(error, (counts.get(error) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

/** Reads as the service does: where the replica's position has reached the token it reads the row there, otherwise from the leader. */
async function missedWrites({ name, port, read }: Way): Promise<Cell[]> {
  const writer = new pg.Pool({ ...settings.sql, port, max: readers });
  const counts = { pairs: 0, replica: 0, missed: 0 };
  const reader = async (reads: pg.Client, session: number) => {
    const key = `bench-pooler-${name}-${session}`;
    await writer.query('INSERT INTO lab.chaos_counters VALUES ($1, 0) ON CONFLICT (key) DO UPDATE SET value = 0', [
      key,
    ]);
    for (let value = 1; counts.pairs < pairs; value += 1) {
      counts.pairs += 1;
      await writer.query('UPDATE lab.chaos_counters SET value = $2 WHERE key = $1', [key, value]);
      const { rows: position } = await writer.query<{ token: string }>('SELECT pg_current_wal_lsn() AS token');
      await pause(20);
      const { rows: replayed } = await reads.query<{ has: boolean }>(
        'SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= $1::pg_lsn AS has',
        [position[0]?.token],
      );
      if (replayed[0]?.has !== true) continue;
      counts.replica += 1;
      const { rows } = await reads.query<{ value: string }>(readBack, [key]);
      if (Number(rows[0]?.value) < value || rows.length === 0) counts.missed += 1;
    }
  };
  try {
    await Promise.all(
      Array.from({ length: readers }, async (_, session) => {
        const reads = new pg.Client({ ...settings.sql, ...read });
        await reads.connect();
        await reader(reads, session).finally(() => reads.end());
      }),
    );
  } finally {
    await writer.end();
  }
  const share = counts.replica === 0 ? '' : `${((100 * counts.missed) / counts.replica).toFixed(1)} %`;
  return [name, counts.pairs, counts.replica, counts.missed, share];
}
