import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { clusterSchema, type Cluster } from '../../src/patroni/patroni.schema.js';
import { containerOf, docker, dockerOutput, psql } from './docker.js';
import { artifactsFolder, lab } from './settings.js';
import { until } from './wait.js';

/** Members of the cluster by the order of their published REST ports. */
const members = ['patroni1', 'patroni2', 'patroni3'] as const;
const etcds = ['etcd1', 'etcd2', 'etcd3'] as const;
const scope = 'pg-ha';
/** Of the rules that cut a network; they go with the container's network namespace. */
const cutTable = 'lab_cut';

const askTimeoutMs = 2_000;
const switchoverTimeoutMs = 60_000;
const healBoundMs = 120_000;
const replayBoundMs = 20_000;
const restartTimeoutMs = 90_000;

const configSchema = z.looseObject({
  ttl: z.number(),
  loop_wait: z.number(),
  retry_timeout: z.number(),
  primary_start_timeout: z.number(),
  synchronous_mode: z.union([z.string(), z.boolean()]),
  synchronous_node_count: z.number(),
  failsafe_mode: z.boolean(),
});

const syncSchema = z.object({ leader: z.string(), sync_standby: z.string(), quorum: z.number() });

const healthSchema = z.object({
  status: z.string(),
  details: z.record(z.string(), z.looseObject({ status: z.string() })),
});

/** Patroni's live dynamic configuration. */
export type PatroniConfig = z.output<typeof configSchema>;

/** Which members may be promoted without losing an acknowledged write, as the DCS holds it. */
export interface SyncState {
  readonly leader: string;
  readonly voters: readonly string[];
  readonly quorum: number;
}

interface Container {
  readonly name: string;
  readonly status: string;
  /** Of its health check; `healthy` where it has none. */
  readonly health: string;
}

/** Breaks the lab, looks at it and heals it: by the docker client, Patroni's REST API and psql, never through the service. */
export class LabController {
  /** SIGKILL of everything in the container. Docker leaves it dead until {@link start}. */
  async kill(...services: string[]): Promise<void> {
    await docker(['kill', '--signal', 'KILL', ...services.map(containerOf)]);
  }

  /** Sends one signal to the main process of a container. */
  async signal(service: string, signal: string): Promise<void> {
    await docker(['kill', '--signal', signal, containerOf(service)]);
  }

  /** Freezes everything in the containers; {@link heal} thaws them. */
  async pause(...services: string[]): Promise<void> {
    await docker(['pause', ...services.map(containerOf)]);
  }

  /** An orderly stop and a start; resolves when the container runs again. */
  async restart(service: string): Promise<void> {
    await docker(['restart', containerOf(service)], restartTimeoutMs);
  }

  async start(...services: string[]): Promise<void> {
    await docker(['start', ...services.map(containerOf)]);
  }

  /** SIGKILL of PostgreSQL's postmaster alone: Patroni lives on beside it. */
  async killPostmaster(member: string): Promise<void> {
    const script = 'kill -KILL "$(head -n 1 /home/postgres/pgdata/pgroot/data/postmaster.pid)"';
    await docker(['exec', containerOf(member), 'bash', '-c', script]);
  }

  /**
   * SIGKILL of `count` etcd members.
   *
   * @returns their names
   */
  async killEtcd(count: number): Promise<string[]> {
    const victims = etcds.slice(0, count);
    await this.kill(...victims);
    return victims;
  }

  /** Hands leadership to a replica in an orderly way; resolves when Patroni says that it is done. */
  async switchover(from: string, to: string): Promise<void> {
    const response = await fetch(`${restUrl(from)}/switchover`, {
      method: 'POST',
      body: JSON.stringify({ leader: from, candidate: to }),
      signal: AbortSignal.timeout(switchoverTimeoutMs),
    });
    if (!response.ok) throw new Error(`switchover: ${response.status} ${await response.text()}`);
  }

  /**
   * Drops every replication packet between `leader` and the others, in both directions and in its own network namespace:
   * the leader lives, leads and serves, and nobody gets its log. It lasts until the container ends.
   */
  async cutReplication(leader: string): Promise<void> {
    const others = members.filter((member) => member !== leader);
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const addresses = await docker(['inspect', '--format', format, ...others.map(containerOf)]);
    const set = `{ ${addresses.split('\n').join(', ')} }`;
    await this.nft(leader, [
      `add table inet ${cutTable}`,
      `add chain inet ${cutTable} in { type filter hook input priority 0; }`,
      `add chain inet ${cutTable} out { type filter hook output priority 0; }`,
      `add rule inet ${cutTable} in ip saddr ${set} tcp dport 5432 drop`,
      `add rule inet ${cutTable} out ip daddr ${set} tcp sport 5432 drop`,
    ]);
  }

  private async nft(member: string, commands: readonly string[]): Promise<void> {
    const network = ['--network', `container:${containerOf(member)}`, '--cap-add', 'NET_ADMIN'];
    await docker(['run', '--rm', ...network, 'pg-ha-lab/toolbox', commands.join('; ')]);
  }

  /** Changes Patroni's live configuration; `null` takes a setting out. */
  async configure(change: object): Promise<void> {
    const url = restUrl(await this.leader());
    const response = await fetch(`${url}/config`, {
      method: 'PATCH',
      body: JSON.stringify(change),
      signal: AbortSignal.timeout(askTimeoutMs),
    });
    if (!response.ok) throw new Error(`PATCH /config: ${response.status} ${await response.text()}`);
  }

  /**
   * Makes replicas show what they have and nothing newer, while they go on receiving and confirming: stops their startup
   * process. Not pg_wal_replay_pause(), which Patroni undoes within one loop.
   */
  async freezeReplay(...replicas: string[]): Promise<void> {
    await Promise.all(replicas.map((replica) => this.signalReplay(replica, 'STOP')));
  }

  /** Undoes {@link freezeReplay}, wherever it was done, and waits until everyone has caught up. */
  async thawReplay(): Promise<void> {
    await Promise.all(members.map((member) => this.signalReplay(member, 'CONT').catch(() => undefined)));
    for (const replica of await this.replicas()) {
      await until({ what: `${replica} catches up`, boundMs: replayBoundMs, everyMs: 20 }, async () => {
        const [caughtUp] = await psql(replica, 'SELECT pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()');
        return caughtUp === 't' ? true : undefined;
      });
    }
  }

  private async signalReplay(member: string, signal: 'STOP' | 'CONT'): Promise<void> {
    await docker(['exec', containerOf(member), 'pkill', `-${signal}`, '-f', 'postgres: .*startup']);
  }

  /** The members as the first Patroni that answers knows them. */
  async cluster(): Promise<Cluster> {
    return clusterSchema.parse(await askAny('/cluster'));
  }

  /** @throws Error while no running member leads */
  async leader(): Promise<string> {
    const { members: seen } = await this.cluster();
    const leader = seen.find(({ role, state }) => role === 'leader' && state === 'running');
    if (leader === undefined) throw new Error('there is no leader');
    return leader.name;
  }

  /** Every member but the leader. */
  async replicas(): Promise<string[]> {
    const leader = await this.leader();
    return members.filter((member) => member !== leader);
  }

  /** Patroni's live configuration: that of the file counts at the first bootstrap only. */
  async config(): Promise<PatroniConfig> {
    return configSchema.parse(await askAny('/config'));
  }

  /** The DCS key from which Patroni decides who may be promoted. */
  async syncState(): Promise<SyncState> {
    const read = ['etcdctl', 'get', '--print-value-only', `/service/${scope}/sync`];
    const value = await firstOf(etcds, (etcd) => docker(['exec', containerOf(etcd), ...read]));
    const { leader, sync_standby, quorum } = syncSchema.parse(JSON.parse(value));
    return { leader, voters: sync_standby.split(','), quorum };
  }

  async history(): Promise<unknown> {
    return askAny('/history');
  }

  /** The image of the service, whether one instance of it runs (`api`) or several (`api1`, `api2`). */
  async apiImage(): Promise<string> {
    const format = '{{.Label "com.docker.compose.service"}} {{.Image}}';
    const lines = await docker(['ps', '--filter', projectFilter(), '--format', format]);
    const image = /^api\d* (.+)$/m.exec(lines)?.[1];
    if (image === undefined) throw new Error('no container of the API runs');
    return image;
  }

  /** Resolves once `member` streams on the leader's timeline. */
  async waitStreaming(member: string, boundMs: number): Promise<void> {
    await until({ what: `${member} streams`, boundMs }, async () => {
      const { members: seen } = await this.cluster();
      const leader = seen.find(({ role }) => role === 'leader');
      const self = seen.find(({ name }) => name === member);
      return self?.state === 'streaming' && self.timeline === leader?.timeline ? true : undefined;
    });
  }

  /**
   * Resolves once nothing is left to wait for: every container runs and is healthy, one leader, all others stream on its
   * timeline and are voters, HAProxy sees one leader and two replicas, and the service calls itself healthy.
   */
  async waitHealthy(boundMs: number): Promise<void> {
    await until({ what: 'the lab is healthy', boundMs, everyMs: 300 }, async () => {
      const ill = await this.illness();
      if (ill !== undefined) throw new Error(ill);
      return true;
    });
  }

  /** Starts what is down and waits until the lab is healthy again. */
  async heal(boundMs = healBoundMs): Promise<void> {
    const containers = await this.containers();
    const paused = containers.filter(({ status }) => status === 'paused').map(({ name }) => name);
    const stopped = containers.filter(({ status }) => status === 'exited').map(({ name }) => name);
    if (paused.length > 0) await docker(['unpause', ...paused]);
    if (stopped.length > 0) await docker(['start', ...stopped]);
    await Promise.all(members.map((member) => this.signalReplay(member, 'CONT').catch(() => undefined)));
    await this.waitHealthy(boundMs);
  }

  /** Rows stored under each name that begins with `prefix`, counted on the leader. */
  async countProducts(prefix: string): Promise<ReadonlyMap<string, number>> {
    const sql = `SELECT name, count(*) FROM products WHERE starts_with(name, '${prefix}') GROUP BY name`;
    const rows = await psql(await this.leader(), sql);
    return new Map(rows.map((row) => row.split('|')).map(([name, count]) => [String(name), Number(count)]));
  }

  /** The number in each row whose name begins with `prefix`, read on the leader. */
  async numbersOfProducts(prefix: string): Promise<ReadonlyMap<string, number>> {
    const rows = await psql(
      await this.leader(),
      `SELECT name, price::int FROM products WHERE starts_with(name, '${prefix}')`,
    );
    return new Map(rows.map((row) => row.split('|')).map(([name, number]) => [String(name), Number(number)]));
  }

  async deleteProducts(prefix: string): Promise<void> {
    await psql(await this.leader(), `DELETE FROM products WHERE starts_with(name, '${prefix}')`);
  }

  /** Writes the logs of every container, `patronictl list` and `patronictl history` to test-artifacts/`name`/. */
  async saveEvidence(name: string): Promise<string> {
    const folder = join(artifactsFolder, name);
    await mkdir(folder, { recursive: true });
    const save = async (file: string, content: Promise<string>) => writeFile(join(folder, file), await content);
    const containers = await this.containers();
    const patronictl = (command: string) =>
      firstOf(members, (member) => docker(['exec', containerOf(member), 'patronictl', command])).catch(String);
    await Promise.all([
      save('containers.txt', dockerOutput(['ps', '--all', '--filter', projectFilter()])),
      save('patronictl-list.txt', patronictl('list')),
      save('patronictl-history.txt', patronictl('history')),
      save('haproxy-stats.csv', haproxyStats().catch(String)),
      ...containers.map((container) =>
        save(`${container.name}.log`, dockerOutput(['logs', '--timestamps', '--since', '15m', container.name])),
      ),
    ]);
    return folder;
  }

  /** What keeps the lab from being healthy, or undefined. */
  private async illness(): Promise<string | undefined> {
    const unwell = (await this.containers()).filter(({ health }) => health !== 'healthy');
    if (unwell.length > 0)
      return unwell.map(({ name, status, health }) => `${name} is ${status}, ${health}`).join('; ');
    const { members: seen } = await this.cluster();
    const leader = await this.leader();
    const timeline = seen.find(({ name }) => name === leader)?.timeline;
    const replicas = seen.filter(({ name }) => name !== leader);
    if (replicas.length !== 2) return `${replicas.length} replicas`;
    const behind = replicas.filter((replica) => replica.state !== 'streaming' || replica.timeline !== timeline);
    if (behind.length > 0) return `${behind.map(({ name }) => name).join(', ')} does not stream`;
    const { leader: syncLeader, voters } = await this.syncState();
    if (syncLeader !== leader || voters.length !== 2) return `voters are ${voters.join(', ')} under ${syncLeader}`;
    const stats = await haproxyStats();
    const counts = [upServers(stats, 'leader'), upServers(stats, 'replicas')];
    if (counts.join() !== '1,2') return `HAProxy sees ${counts[0]} leaders and ${counts[1]} replicas`;
    return serviceIllness();
  }

  private async containers(): Promise<Container[]> {
    const names = await docker(['ps', '--all', '--filter', projectFilter(), '--format', '{{.Names}}']);
    if (names === '') throw new Error('the lab has no containers');
    const format = '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}}';
    const lines = await docker(['inspect', '--format', format, ...names.split('\n')]);
    return lines.split('\n').map((line) => {
      const [name = '', status = '', health = ''] = line.replace(/^\//, '').split(' ');
      return { name, status, health: status === 'running' ? health : 'not running' };
    });
  }
}

const projectFilter = () => `label=com.docker.compose.project=${lab.project}`;

function restUrl(member: string): string {
  const url = lab.patroniUrls[members.indexOf(member as (typeof members)[number])];
  if (url === undefined) throw new Error(`not a member: ${member}`);
  return url;
}

async function askAny(path: string): Promise<unknown> {
  return Promise.any(
    lab.patroniUrls.map(async (url) => {
      const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(askTimeoutMs) });
      return response.json();
    }),
  );
}

async function firstOf<T>(names: readonly string[], ask: (name: string) => Promise<T>): Promise<T> {
  return Promise.any(names.map(ask));
}

async function haproxyStats(): Promise<string> {
  const authorization = `Basic ${Buffer.from(lab.statsCredentials).toString('base64')}`;
  const response = await fetch(`${lab.statsUrl}/;csv`, {
    headers: { authorization },
    signal: AbortSignal.timeout(askTimeoutMs),
  });
  if (!response.ok) throw new Error(`HAProxy's statistics answered ${response.status}`);
  return response.text();
}

/** The service's own complaints, or undefined while all its indicators are up. */
async function serviceIllness(): Promise<string | undefined> {
  const response = await fetch(`${lab.apiUrl}/health`, { signal: AbortSignal.timeout(5_000) });
  const { status, details } = healthSchema.parse(await response.json());
  const unwell = Object.entries(details).filter(([, indicator]) => indicator.status !== 'up');
  return status === 'ok' ? undefined : `the service is ${status}: ${JSON.stringify(Object.fromEntries(unwell))}`;
}

/** Servers of a backend that are UP. */
function upServers(csv: string, backend: string): number {
  const [head = '', ...lines] = csv.split('\n');
  const column = head.replace(/^# /, '').split(',').indexOf('status');
  const rows = lines.map((line) => line.split(','));
  return rows.filter((row) => row[0] === backend && row[1] !== 'BACKEND' && row[column]?.startsWith('UP')).length;
}
