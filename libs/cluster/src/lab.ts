import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Containers } from './containers.js';
import type { LabSettings } from './lab.settings.js';
import { parseStats, type ServerState } from './haproxy.stats.js';
import { until, within } from './wait.js';

/** Members of the cluster by the order of their published REST ports. */
export const members: readonly string[] = ['patroni1', 'patroni2', 'patroni3'];
/** Members of etcd. */
export const etcds: readonly string[] = ['etcd1', 'etcd2', 'etcd3'];

/** What every lab has, whatever else runs in it. */
const services = [...members, ...etcds, 'haproxy', 'redis', 'api1', 'api2'];
const root = fileURLToPath(new URL('../../../', import.meta.url));
const scope = 'pg-ha';
/** The key that names the leader; it hangs on the leader's lease. */
export const leaderKey = `/service/${scope}/leader`;
/** Where PostgreSQL's data is, in both image sets. */
export const dataFolder = '/home/postgres/pgdata';
const askTimeoutMs = 2_000;
const configureBoundMs = 60_000;
const switchoverTimeoutMs = 60_000;
const scriptBoundMs = 240_000;
const finalQueryBoundMs = 120_000;
/** A report ends by itself after this, whatever becomes of this program. */
const reportSeconds = 90;
/** What tells them from other sessions. */
const reports = "application_name = 'chaos-report'";
const reportBoundMs = 10_000;

const memberSchema = z.object({
  name: z.string(),
  role: z.string(),
  state: z.string(),
  timeline: z.number().optional(),
});
const configSchema = z.record(z.string(), z.unknown());
const clusterSchema = z.object({ members: z.array(memberSchema), pause: z.boolean().default(false) });
const syncSchema = z.object({ leader: z.string(), sync_standby: z.string().nullable(), quorum: z.number() });
const healthSchema = z.object({
  status: z.string(),
  details: z.record(z.string(), z.looseObject({ status: z.string() })),
});
/** `GET /patroni` of one member: what it says of itself. Its `role` is `primary` on the leader, also `master` before Patroni 4. */
const selfSchema = z.object({
  state: z.string(),
  role: z.string(),
  timeline: z.number().optional(),
  replication_state: z.string().optional(),
  sync_standby: z.boolean().optional(),
  quorum_standby: z.boolean().optional(),
  patroni: z.object({ version: z.string() }).optional(),
});
const etcdStatusSchema = z.tuple([
  z.object({ Status: z.object({ header: z.object({ member_id: z.number() }), leader: z.number().default(0) }) }),
]);

/** A member as `GET /cluster` lists it: `role` is `leader` on one at most, `state` is `streaming` on a replica that is well. */
export type ClusterMember = z.output<typeof memberSchema>;
/** What `GET /patroni` of a member says. */
export type MemberSelf = z.output<typeof selfSchema>;

/** How Patroni was told to work. */
export interface LabMode {
  /** Its maintenance mode: it watches and does nothing. */
  readonly paused: boolean;
  readonly replication: 'quorum' | 'sync' | 'async';
}

/** The lab seen from outside: containers, Patroni's REST API, etcd, HAProxy's statistics, psql. Never through the service. */
export class Lab {
  readonly containers: Containers;

  constructor(readonly settings: LabSettings) {
    this.containers = new Containers(settings.LAB_NAME);
  }

  restUrl(member: string): string {
    const url = this.settings.PATRONI_URLS[members.indexOf(member)];
    if (url === undefined) throw new Error(`PATRONI_URLS names no port of ${member}`);
    return url;
  }

  /** The members as the first Patroni that answers knows them. */
  async cluster(): Promise<ClusterMember[]> {
    return (await this.askAny('/cluster', clusterSchema)).members;
  }

  /** What one member says of itself; also a member that is not running PostgreSQL answers, with 503. */
  async self(member: string, signal: AbortSignal = AbortSignal.timeout(askTimeoutMs)): Promise<MemberSelf> {
    return selfSchema.parse(await getJson(`${this.restUrl(member)}/patroni`, signal));
  }

  /** Whether it is out of recovery, and so takes writes: it may hold the leader's lock before. */
  async isPromoted(member: string): Promise<boolean> {
    return ['primary', 'master'].includes((await this.self(member)).role);
  }

  /** @throws Error while no running member leads */
  async leader(): Promise<string> {
    const leader = (await this.cluster()).find(({ role, state }) => role === 'leader' && state === 'running');
    if (leader === undefined) throw new Error('there is no leader');
    return leader.name;
  }

  /** Every member but the leader. @throws Error while no running member leads */
  async replicas(): Promise<string[]> {
    const leader = await this.leader();
    return members.filter((member) => member !== leader);
  }

  /** Patroni's live dynamic configuration: that of the file counts at the first bootstrap only. */
  async config(): Promise<Record<string, unknown>> {
    return this.askAny('/config', configSchema);
  }

  /** @throws Error when no Patroni answers */
  async mode(): Promise<LabMode> {
    const [{ pause }, { synchronous_mode: mode }] = await Promise.all([
      this.askAny('/cluster', clusterSchema),
      this.config(),
    ]);
    if (mode === 'quorum') return { paused: pause, replication: 'quorum' };
    return { paused: pause, replication: mode === true || mode === 'on' ? 'sync' : 'async' };
  }

  /** Changes it, through whichever Patroni answers; `null` takes a setting out. */
  async configure(change: object): Promise<void> {
    await until({ what: 'a Patroni takes the configuration', boundMs: configureBoundMs }, () =>
      Promise.any(members.map((member) => this.patchConfig(member, change))),
    );
  }

  private async patchConfig(member: string, change: object): Promise<true> {
    const response = await fetch(`${this.restUrl(member)}/config`, {
      method: 'PATCH',
      body: JSON.stringify(change),
      signal: AbortSignal.timeout(askTimeoutMs),
    });
    if (!response.ok) throw new Error(`PATCH /config: ${response.status} ${await response.text()}`);
    return true;
  }

  /** Hands leadership over in an orderly way, to `to` or whichever standby is fit; resolves when Patroni says that it is done. */
  async switchover(from: string, to?: string): Promise<void> {
    const response = await fetch(`${this.restUrl(from)}/switchover`, {
      method: 'POST',
      body: JSON.stringify({ leader: from, candidate: to }),
      signal: AbortSignal.timeout(switchoverTimeoutMs),
    });
    if (!response.ok) throw new Error(`switchover: ${response.status} ${await response.text()}`);
  }

  /** Whether the fencing service belongs to the lab at the moment. */
  async isFenced(): Promise<boolean> {
    return (await this.containers.list()).some(({ service }) => service === 'fencing');
  }

  /** `scripts/lab fencing on` or `off`. */
  async fencing(state: 'on' | 'off'): Promise<void> {
    await this.script('fencing', state);
  }

  /** `scripts/lab scale 3`: a fourth member leaves. */
  async scale(count: 3): Promise<void> {
    await this.script('scale', String(count));
  }

  /** `scripts/lab doctor --fix`. */
  async repair(): Promise<void> {
    await this.script('doctor', '--fix');
  }

  /** In a process group of its own: Ctrl-C is for this program, which heals. */
  private async script(...args: string[]): Promise<void> {
    const name = `scripts/lab ${args.join(' ')}`;
    const command = spawn('scripts/lab', args, { cwd: root, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = Promise.all([text(command.stderr), once(command, 'exit')]);
    const [said, [code]] = await within(scriptBoundMs, name, ended).finally(() => command.kill());
    if (code !== 0) throw new Error(`${name}: ${said.trim()}`);
  }

  /** The etcd member that leads its Raft group. */
  async etcdLeader(): Promise<string> {
    const command = ['etcdctl', '--command-timeout=2s', 'endpoint', 'status', '-w', 'json'];
    return Promise.any(
      etcds.map(async (etcd) => {
        // Member ids are 64 bits: what JSON.parse rounds away, it rounds away in both.
        const [{ Status }] = etcdStatusSchema.parse(JSON.parse(await this.containers.run(etcd, command)));
        if (Status.leader !== Status.header.member_id) throw new Error(`${etcd} follows`);
        return etcd;
      }),
    );
  }

  /** Which members may be promoted without losing an acknowledged write, as etcd holds it. */
  async syncState(): Promise<{ leader: string; voters: string[]; quorum: number }> {
    const command = ['etcdctl', '--command-timeout=2s', 'get', '--print-value-only', `/service/${scope}/sync`];
    const value = await Promise.any(etcds.map((etcd) => this.containers.run(etcd, command)));
    const { leader, sync_standby, quorum } = syncSchema.parse(JSON.parse(value));
    return { leader, voters: (sync_standby ?? '').split(',').filter(Boolean), quorum };
  }

  /** Runs SQL as the superuser over the member's local socket: a line per row, `|` between columns. */
  async psql(
    member: string,
    sql: string,
    { database = 'app_db', boundMs = finalQueryBoundMs } = {},
  ): Promise<string[]> {
    const psql = ['psql', '-U', 'postgres', '-d', database, '-XAqt', '-v', 'ON_ERROR_STOP=1', '-c', sql];
    const output = await this.containers.run(member, psql, boundMs);
    return output === '' ? [] : output.split('\n');
  }

  /** SIGKILL of the postmaster alone: Patroni lives on beside it. */
  async killPostmaster(member: string): Promise<void> {
    const script = `kill -KILL "$(head -n 1 ${dataFolder}/pgroot/data/postmaster.pid)"`;
    await this.containers.run(member, ['bash', '-c', script]);
  }

  /**
   * Stops a replica's startup process, or lets it go on: it shows what it has and nothing newer, while it goes on receiving and
   * confirming. Not pg_wal_replay_pause(), which Patroni undoes within one loop.
   *
   * @returns whether there was such a process; one that was promoted has none any more
   */
  async signalReplay(member: string, signal: 'STOP' | 'CONT'): Promise<boolean> {
    return (await this.containers.exec(member, ['pkill', `-${signal}`, '-f', 'postgres: .*startup'])).code === 0;
  }

  /** Starts a query of {@link reportSeconds} on a replica; resolves when it holds its lock on `lab.demo`. */
  async startReport(member: string): Promise<void> {
    const report = `SET ${reports}; BEGIN ISOLATION LEVEL REPEATABLE READ;
      SELECT count(*) FROM lab.demo; SELECT pg_sleep(${reportSeconds});`;
    const command = ['psql', '-U', 'postgres', '-d', 'app_db', '-c', report];
    const ended = this.containers.exec(member, command, (reportSeconds + 10) * 1_000);
    // Cancelled, or ended by its server's death: either is what a report may come to.
    ended.catch(() => undefined);
    await until({ what: `a report runs on ${member}`, boundMs: reportBoundMs }, async () =>
      (await this.psql(member, `SELECT 1 FROM pg_stat_activity WHERE ${reports} AND wait_event = 'PgSleep'`)).length > 0
        ? true
        : undefined,
    );
  }

  /** Ends those that still run on a member, which may have been promoted since. */
  async endReports(member: string): Promise<void> {
    await this.psql(member, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${reports}`);
  }

  /** Takes the lock of a migration on `lab.demo` for a moment: a standby on which a report reads it can't replay that. */
  async lockReportedTable(leader: string): Promise<void> {
    await this.psql(leader, 'BEGIN; LOCK TABLE lab.demo IN ACCESS EXCLUSIVE MODE; COMMIT');
  }

  /** HAProxy's own view of its servers. */
  async haproxy(signal: AbortSignal = AbortSignal.timeout(askTimeoutMs)): Promise<ServerState[]> {
    return parseStats(await this.haproxyCsv(signal));
  }

  async haproxyCsv(signal: AbortSignal = AbortSignal.timeout(askTimeoutMs)): Promise<string> {
    const { HAPROXY_STATS_USER: user, HAPROXY_STATS_PASSWORD: password, HAPROXY_STATS_PORT: port } = this.settings;
    const response = await fetch(`http://127.0.0.1:${port}/;csv`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
      signal,
    });
    if (!response.ok) throw new Error(`HAProxy's statistics answered ${response.status}`);
    return response.text();
  }

  /**
   * Resolves once nothing is left to wait for: every container runs, one leader, all others stream on its timeline and are
   * voters, every etcd answers with a quorum, HAProxy sees one leader, two replicas and two instances of the service, and the
   * service calls itself healthy.
   */
  async waitHealthy(boundMs: number, signal?: AbortSignal): Promise<void> {
    await until({ what: 'the lab is healthy', boundMs, everyMs: 1_000, signal }, async () => {
      const illness = await this.illness();
      if (illness !== undefined) throw new Error(illness);
      return true;
    });
  }

  /**
   * What keeps the lab from being healthy, or undefined. Asks each part itself: Docker's health checks are too rare to wait for.
   * What needs a process in a container comes last, for it is dear.
   */
  async illness(): Promise<string | undefined> {
    const containers = await this.containers.list();
    const absent = services.filter((name) => !containers.some(({ service }) => service === name));
    if (absent.length > 0) return `there is no container of ${absent.join(', ')}`;
    const unwell = containers.filter(({ status }) => status !== 'running');
    if (unwell.length > 0) return unwell.map(({ service, status }) => `${service} is ${status}`).join('; ');
    const seen = await this.cluster();
    const leader = seen.find(({ role, state }) => role === 'leader' && state === 'running');
    if (leader === undefined) return 'there is no leader';
    const behind = members.filter((name) => {
      if (name === leader.name) return false;
      const self = seen.find((member) => member.name === name);
      return self?.state !== 'streaming' || self.timeline !== leader.timeline;
    });
    if (behind.length > 0) return `${behind.join(', ')} does not stream`;
    const servers = await this.haproxy();
    const up = (backend: string) => servers.filter((server) => server.backend === backend && server.up).length;
    if (up('leader') !== 1 || up('replicas') !== 2 || up('api') !== 2)
      return `HAProxy sees ${up('leader')} leaders, ${up('replicas')} replicas and ${up('api')} instances of the service`;
    return (await this.serviceIllness()) ?? (await this.etcdIllness()) ?? (await this.syncIllness(leader.name));
  }

  private async etcdIllness(): Promise<string | undefined> {
    const endpoints = etcds.map((etcd) => `${etcd}:2379`).join(',');
    const command = ['etcdctl', '--command-timeout=2s', 'endpoint', 'health', `--endpoints=${endpoints}`];
    const { code, stdout, stderr } = await this.containers.exec('etcd1', command);
    return code === 0 ? undefined : `etcd is not healthy: ${stdout}${stderr}`;
  }

  /** In quorum mode a standby that Patroni has not listed yet could not be promoted. */
  private async syncIllness(leader: string): Promise<string | undefined> {
    const { synchronous_mode: mode } = await this.config();
    if (mode === undefined || mode === false || mode === 'off') return undefined;
    const sync = await this.syncState();
    if (sync.leader === leader && sync.voters.length === 2) return undefined;
    return `voters are ${sync.voters.join(', ') || 'nobody'} under ${sync.leader}`;
  }

  private async serviceIllness(): Promise<string | undefined> {
    const health = await getJson(`http://127.0.0.1:${this.settings.API_PORT}/health`, AbortSignal.timeout(5_000));
    const { status, details } = healthSchema.parse(health);
    const unwell = Object.entries(details).filter(([, indicator]) => indicator.status !== 'up');
    return status === 'ok' ? undefined : `the service is ${status}: ${unwell.map(([name]) => name).join(', ')}`;
  }

  /** The first answer of any Patroni that makes sense. */
  askAny<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return Promise.any(members.map(async (member) => schema.parse(await getJson(`${this.restUrl(member)}${path}`))));
  }
}

async function getJson(url: string, signal: AbortSignal = AbortSignal.timeout(askTimeoutMs)): Promise<unknown> {
  const response = await fetch(url, { signal });
  return response.json();
}
