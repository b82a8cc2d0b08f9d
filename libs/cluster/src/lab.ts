import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Containers, type LabContainer } from './containers.js';
import { etcdHealthCommand, healthyEtcds } from './core/etcd.mjs';
import { findings } from './core/findings.mjs';
import { leaderOf, whyNotProxied, whyNotWhole } from './core/health.mjs';
import { edges, etcds, expectedServices, keysOf, memberNames, proxiesOf } from './core/members.mjs';
import { modeOf, type Mode } from './core/mode.mjs';
import { parseStats, type ServerState } from './haproxy.stats.js';
import { originOf, type LabSettings } from './lab.settings.js';
import { clusterSchema, memberStatusSchema, type ClusterMember, type MemberStatus } from './patroni.answers.js';
import { configure, switchOver } from './patroni.rest.mjs';
import { until, within } from './wait.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Where PostgreSQL's data is, in both image sets. */
const dataFolder = '/home/postgres/pgdata';
/** Where a member, or the repository of backups, keeps its data: the mount of its volume. */
export const dataFolderOf = (service: string): string => (service === 'backup' ? '/var/lib/barman' : dataFolder);
const askTimeoutMs = 2_000;
const edgeBoundMs = 20_000;
const configureBoundMs = 60_000;
/** What is asked first, and says no as long as anything is amiss, starts no process. */
const healthEveryMs = 300;
/** How long a command of scripts/lab may take, in ms. */
export const scriptBoundMs = 240_000;
const finalQueryBoundMs = 120_000;
/** How long a report runs. It ends by itself, whatever becomes of this program. */
const reportSeconds = 90;
/** Finds the sessions of reports. */
const reports = "application_name = 'chaos-report'";
const reportBoundMs = 10_000;

const configSchema = z.record(z.string(), z.unknown());
const syncSchema = z.object({ leader: z.string(), sync_standby: z.string().nullable(), quorum: z.number() });
const healthSchema = z.object({
  status: z.string(),
  details: z.record(z.string(), z.looseObject({ status: z.string() })),
});
const etcdStatusSchema = z.tuple([
  z.object({ Status: z.object({ header: z.object({ member_id: z.number() }), leader: z.number().default(0) }) }),
]);

/** How the cluster is configured to work. */
export interface LabMode {
  /** Whether Patroni is in maintenance mode, in which it does nothing. */
  readonly paused: boolean;
  readonly replication: Mode;
  /** How many members there should be. */
  readonly members: number;
}

/** Access to the lab without the service: containers, Patroni's REST API, etcd, HAProxy's statistics, psql. */
export class Lab {
  readonly containers: Containers;
  /** Members of the cluster: three, or four if it was scaled before this object was made. */
  members: readonly string[];
  /** Patroni's keys in etcd. */
  readonly keys: ReturnType<typeof keysOf>;

  constructor(readonly settings: LabSettings) {
    this.containers = new Containers(settings.LAB_NAME);
    this.members = memberNames(settings.PATRONI_URLS.length);
    this.keys = keysOf(settings.LAB_SCOPE);
  }

  restUrl(member: string): string {
    const url = this.settings.PATRONI_URLS[this.members.indexOf(member)];
    if (url === undefined) throw new Error(`PATRONI_URLS names no port of ${member}`);
    return url;
  }

  /** The members, by the first Patroni that answers. */
  async cluster(): Promise<ClusterMember[]> {
    return (await this.askAny('/cluster', clusterSchema)).members;
  }

  /** The status of one member, asked of itself. A member whose PostgreSQL does not run answers as well, with 503. */
  async memberStatus(member: string, signal: AbortSignal = AbortSignal.timeout(askTimeoutMs)): Promise<MemberStatus> {
    return memberStatusSchema.parse(await getJson(`${this.restUrl(member)}/patroni`, signal));
  }

  /** Whether a member is out of recovery, so that it takes writes. It may hold the leader lock before that. */
  async isPromoted(member: string): Promise<boolean> {
    return ['primary', 'master'].includes((await this.memberStatus(member)).role);
  }

  /** @throws Error while no running member leads */
  async leader(): Promise<string> {
    const leader = leaderOf(await this.cluster());
    if (leader === undefined) throw new Error('there is no leader');
    return leader.name;
  }

  /** Every member but the leader. @throws Error while no running member leads */
  async replicas(): Promise<string[]> {
    const leader = await this.leader();
    return this.members.filter((member) => member !== leader);
  }

  /** Patroni's live dynamic configuration. That of the file is read at the first bootstrap only. */
  async config(): Promise<Record<string, unknown>> {
    return this.askAny('/config', configSchema);
  }

  /** @throws Error when no Patroni answers */
  async mode(): Promise<LabMode> {
    const [{ pause }, config] = await Promise.all([this.askAny('/cluster', clusterSchema), this.config()]);
    return { paused: pause, replication: modeOf(config), members: this.members.length };
  }

  /** Changes Patroni's live configuration through any member that answers; `null` removes a setting. */
  async configure(change: object): Promise<void> {
    await until({ what: 'a Patroni takes the configuration', boundMs: configureBoundMs }, () =>
      Promise.any(this.members.map((member) => configure(this.restUrl(member), change).then(() => true))),
    );
  }

  /** Hands leadership over in order, to `to` or to a standby that Patroni chooses; resolves when Patroni says that it is done. */
  async switchover(from: string, to?: string): Promise<void> {
    await switchOver(this.restUrl(from), from, to);
  }

  /** Whether the lab has a container of the fencing service. */
  async isFenced(): Promise<boolean> {
    return (await this.containers.list()).some(({ service }) => service === 'fencing');
  }

  /** Whether two proxies share a virtual IP, which is there on request. */
  async hasEdge(): Promise<boolean> {
    return (await this.containers.list()).some(({ service }) => edges.includes(service));
  }

  /** @returns the services that run HAProxy with the lab's configuration */
  async proxies(): Promise<string[]> {
    return proxiesOf((await this.containers.list()).map(({ service }) => service));
  }

  /** @returns which of these proxies has the virtual IP; waits for one that takes it */
  edgeHolder(among: readonly string[] = edges): Promise<string> {
    return until({ what: 'a proxy has the virtual IP', boundMs: edgeBoundMs }, async () => {
      const found = await Promise.all(among.map((edge) => this.hasVirtualIp(edge)));
      return among[found.indexOf(true)];
    });
  }

  /** Waits until a proxy answers. */
  async waitForEdge(edge: string): Promise<void> {
    await until({ what: `${edge} answers`, boundMs: edgeBoundMs }, async () => {
      const { code } = await this.containers.exec(edge, ['bash', '/edge/check.sh']);
      return code === 0 ? true : undefined;
    });
  }

  /** Waits until a proxy no longer has the virtual IP. */
  async waitForEdgeToMove(edge: string): Promise<void> {
    await until({ what: `${edge} gives the virtual IP away`, boundMs: edgeBoundMs }, async () =>
      (await this.hasVirtualIp(edge)) ? undefined : true,
    );
  }

  private async hasVirtualIp(edge: string): Promise<boolean> {
    const command = ['bash', '-c', 'hostname -I | tr " " "\\n" | grep -qxF "$VIRTUAL_IP"'];
    const { code } = await this.containers.exec(edge, command).catch(() => ({ code: 1 }));
    return code === 0;
  }

  /** How the container of a service is called. */
  containerName(service: string): string {
    return this.settings.LAB_PREFIX + service;
  }

  /** Runs `scripts/lab fencing on` or `off`. */
  async fencing(state: 'on' | 'off'): Promise<void> {
    await this.script('fencing', state);
  }

  /** Runs `scripts/lab pooler on` or `off`. */
  async pooler(state: 'on' | 'off'): Promise<void> {
    await this.script('pooler', state);
  }

  /** Runs `scripts/lab edge on` or `off`. */
  async edge(state: 'on' | 'off'): Promise<void> {
    await this.script('edge', state);
  }

  /** Runs `scripts/lab backup on` or `off`. */
  async backup(state: 'on' | 'off', ...options: string[]): Promise<void> {
    await this.script('backup', state, ...options);
  }

  /** Runs `scripts/lab backup rebuild` to the newest commit, without a question. */
  async rebuild(): Promise<void> {
    await this.script('backup', 'rebuild', '--to', 'latest', '--yes');
  }

  /** Where Prometheus is, which watches the lab on request; undefined where it does not. */
  async prometheus(): Promise<string | undefined> {
    const isObserved = (await this.containers.list()).some(({ service }) => service === 'prometheus');
    return isObserved ? `http://127.0.0.1:${this.settings.PROMETHEUS_PORT}` : undefined;
  }

  /** Whether the lab has a repository of backups, which is there on request. */
  async hasBackup(): Promise<boolean> {
    return (await this.containers.list()).some(({ service }) => service === 'backup');
  }

  /** Runs `scripts/lab scale 3`, which removes a fourth member. */
  async scale(count: 3): Promise<void> {
    await this.script('scale', String(count));
    this.members = memberNames(count);
  }

  /** Runs `scripts/lab doctor --fix`. */
  async repair(): Promise<void> {
    await this.script('doctor', '--fix');
  }

  /** Runs scripts/lab in a process group of its own: Ctrl-C must not end it, for this program then heals the lab with it. */
  private async script(...args: string[]): Promise<void> {
    const name = `scripts/lab ${args.join(' ')}`;
    const command = spawn('scripts/lab', args, { cwd: root, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = Promise.all([text(command.stderr), once(command, 'exit')]);
    const [said, [code]] = await within(scriptBoundMs, name, ended).finally(() => command.kill());
    if (code !== 0) throw new Error(`${name}: ${said.trim()}`);
  }

  /** The etcd member that is etcd's leader. */
  async etcdLeader(): Promise<string> {
    const command = ['etcdctl', '--command-timeout=2s', 'endpoint', 'status', '-w', 'json'];
    return Promise.any(
      etcds.map(async (etcd) => {
        // Member ids have 64 bits. JSON.parse rounds them, but both in the same way.
        const [{ Status }] = etcdStatusSchema.parse(JSON.parse(await this.containers.run(etcd, command)));
        if (Status.leader !== Status.header.member_id) throw new Error(`${etcd} follows`);
        return etcd;
      }),
    );
  }

  /** The members that may be promoted without losing an acknowledged write, as Patroni wrote them to etcd. */
  async syncState(): Promise<{ leader: string; voters: string[]; quorum: number }> {
    const command = ['etcdctl', '--command-timeout=2s', 'get', '--print-value-only', this.keys.sync];
    const value = await Promise.any(etcds.map((etcd) => this.containers.run(etcd, command)));
    const { leader, sync_standby, quorum } = syncSchema.parse(JSON.parse(value));
    return { leader, voters: (sync_standby ?? '').split(',').filter(Boolean), quorum };
  }

  /** Runs SQL as the superuser through the member's local socket. @returns a line for each row, with `|` between columns */
  async psql(
    member: string,
    sql: string,
    { database = 'app_db', boundMs = finalQueryBoundMs } = {},
  ): Promise<string[]> {
    const psql = ['psql', '-U', 'postgres', '-d', database, '-XAqt', '-v', 'ON_ERROR_STOP=1', '-c', sql];
    const output = await this.containers.run(member, psql, boundMs);
    return output === '' ? [] : output.split('\n');
  }

  /** Kills the postmaster alone (SIGKILL): Patroni lives on. */
  async killPostmaster(member: string): Promise<void> {
    const script = `kill -KILL "$(head -n 1 ${dataFolder}/pgroot/data/postmaster.pid)"`;
    await this.containers.run(member, ['bash', '-c', script]);
  }

  /**
   * Stops or continues a replica's startup process, and so replay: the replica goes on receiving and confirming WAL, and reads
   * show nothing newer. Patroni would undo pg_wal_replay_pause() within one loop.
   *
   * @returns whether there was a startup process; a promoted member has none
   */
  async signalReplay(member: string, signal: 'STOP' | 'CONT'): Promise<boolean> {
    return (await this.containers.exec(member, ['pkill', `-${signal}`, '-f', 'postgres: .*startup'])).code === 0;
  }

  /** Starts a query on a replica that runs for {@link reportSeconds}; resolves when it holds its lock on `lab.demo`. */
  async startReport(member: string): Promise<void> {
    const report = `SET ${reports}; BEGIN ISOLATION LEVEL REPEATABLE READ;
      SELECT count(*) FROM lab.demo; SELECT pg_sleep(${reportSeconds});`;
    const command = ['psql', '-U', 'postgres', '-d', 'app_db', '-c', report];
    const ended = this.containers.exec(member, command, (reportSeconds + 10) * 1_000);
    // A report may be cancelled, or end with its server: neither is an error.
    ended.catch(() => undefined);
    await until({ what: `a report runs on ${member}`, boundMs: reportBoundMs }, async () =>
      (await this.psql(member, `SELECT 1 FROM pg_stat_activity WHERE ${reports} AND wait_event = 'PgSleep'`)).length > 0
        ? true
        : undefined,
    );
  }

  /** Ends the reports that still run on a member, which may have been promoted since. */
  async endReports(member: string): Promise<void> {
    await this.psql(member, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${reports}`);
  }

  /** Takes the lock of a migration on `lab.demo` for a moment. A standby can't replay that while a report reads the table there. */
  async lockReportedTable(leader: string): Promise<void> {
    await this.psql(leader, 'BEGIN; LOCK TABLE lab.demo IN ACCESS EXCLUSIVE MODE; COMMIT');
  }

  /** The servers, by HAProxy's checks. */
  async haproxy(signal: AbortSignal = AbortSignal.timeout(askTimeoutMs)): Promise<ServerState[]> {
    return parseStats(await this.haproxyCsv(signal));
  }

  /** How HAProxy's statistics are asked for. */
  get statsRequest(): { readonly url: string; readonly headers: { readonly authorization: string } } {
    const { HAPROXY_STATS_USER: user, HAPROXY_STATS_PASSWORD: password, HAPROXY_STATS_PORT: port } = this.settings;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    return { url: `${originOf(this.settings, port)}/;csv`, headers: { authorization } };
  }

  async haproxyCsv(signal: AbortSignal = AbortSignal.timeout(askTimeoutMs)): Promise<string> {
    const { url, headers } = this.statsRequest;
    const response = await fetch(url, { headers, signal });
    if (!response.ok) throw new Error(`HAProxy's statistics answered ${response.status}`);
    return response.text();
  }

  /** Resolves once {@link whyUnhealthy} gives no reason any more. */
  async waitHealthy(boundMs: number, signal?: AbortSignal): Promise<void> {
    await until({ what: 'the lab is healthy', boundMs, everyMs: healthEveryMs, signal }, async () => {
      const reason = await this.whyUnhealthy();
      if (reason !== undefined) throw new Error(reason);
      return true;
    });
  }

  /**
   * The reason why the lab is not healthy, or undefined. It is healthy when every container runs, the cluster is whole, HAProxy
   * serves all of it, the service calls itself healthy, every etcd member answers with a quorum, and etcd names the standbys of
   * this leader. Each part is asked itself, for Docker's health checks are too rare. Questions that start a process in a container
   * come last, for they are slow.
   */
  async whyUnhealthy(): Promise<string | undefined> {
    const containers = byService(await this.containers.list());
    const services = expectedServices(this.members, containers.keys());
    const stopped = described(findings({ services, containers }));
    if (stopped !== undefined) return stopped;
    const [{ members }, config] = await Promise.all([this.askAny('/cluster', clusterSchema), this.config()]);
    const leader = leaderOf(members);
    const cluster = { expected: [...this.members], members, leader, mode: modeOf(config) };
    return (
      whyNotWhole(cluster) ??
      whyNotProxied(await this.haproxy(), this.members.length - 1) ??
      (await this.whyServiceUnhealthy()) ??
      described(findings({ services, containers, etcd: await this.etcd() })) ??
      (cluster.mode === 'async' ? undefined : await this.whySyncOutdated(leader?.name))
    );
  }

  private async etcd(): Promise<{ quorum: boolean; members: { name: string; healthy: boolean }[] }> {
    const { stdout } = await this.containers.exec(etcds[0] ?? '', etcdHealthCommand);
    const healthy = healthyEtcds(stdout);
    return {
      quorum: healthy.length > 0,
      members: etcds.map((name) => ({ name, healthy: healthy.includes(name) })),
    };
  }

  /** Why etcd names the standbys of another leader, or undefined. Patroni's answers may be older than the last failover. */
  private async whySyncOutdated(leader: string | undefined): Promise<string | undefined> {
    const sync = await this.syncState();
    return sync.leader === leader ? undefined : `etcd knows the voters of ${sync.leader}`;
  }

  private async whyServiceUnhealthy(): Promise<string | undefined> {
    const { status, unhealthy } = await this.health();
    return status === 'ok' ? undefined : `the service is ${status}: ${unhealthy.join(', ')}`;
  }

  /** What the service says of itself: its status, and the indicators that are not up. */
  async health(): Promise<{ status: string; unhealthy: string[] }> {
    const url = `${originOf(this.settings, this.settings.API_PORT)}/health`;
    const { status, details } = healthSchema.parse(await getJson(url, AbortSignal.timeout(5_000)));
    const unhealthy = Object.entries(details).filter(([, indicator]) => indicator.status !== 'up');
    return { status, unhealthy: unhealthy.map(([name]) => name) };
  }

  /** The first valid answer of any Patroni. */
  askAny<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return Promise.any(
      this.members.map(async (member) => schema.parse(await getJson(`${this.restUrl(member)}${path}`))),
    );
  }
}

const byService = (containers: readonly LabContainer[]) =>
  new Map(containers.map(({ service, name, status }) => [service, { name, state: status }]));

/** The findings in one line; undefined when there are none. */
const described = (found: readonly { readonly what: string }[]): string | undefined =>
  found.length === 0 ? undefined : found.map(({ what }) => what).join(' ');

async function getJson(url: string, signal: AbortSignal = AbortSignal.timeout(askTimeoutMs)): Promise<unknown> {
  const response = await fetch(url, { signal });
  return response.json();
}
