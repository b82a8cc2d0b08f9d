import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../../cluster/src/wait.js';
import { docker } from './docker.js';

const run = promisify(execFile);

/** Password of `postgres` on servers that live for one test, reachable on this machine alone. */
export const superuserPassword = 'plain';
const startBoundMs = 30_000;

/** How the servers are made. */
export interface PlainPostgresOptions {
  /** Begins the names of all containers and networks. Nothing else on this machine may be called so. */
  readonly prefix: string;
  /** Has PostgreSQL 17: the image of the lab's members, of either set. */
  readonly image: string;
  /** How many replicas, besides the leader. */
  readonly replicas: number;
  /** Where clients find the leader and the replicas, as host names: what an operator's Services are called. */
  readonly services: { readonly write: string; readonly read: string };
}

/**
 * A leader and its replicas: PostgreSQL from the lab's image, and nothing else. No Patroni, no etcd, no proxy. They replicate by quorum, speak
 * TLS (the certificate names the services, not the servers), and clients find them by name alone: the name of the read service has the
 * addresses of all replicas, and Docker's name server gives them in turn.
 *
 * It does nothing by itself. {@link kill}, {@link promote} and {@link moveServices} do what an operator would.
 */
export class PlainPostgres {
  private constructor(
    private readonly options: PlainPostgresOptions,
    /** The folder of ca.crt, tls.crt and tls.key, which all servers share. */
    readonly tls: string,
  ) {}

  /** Makes networks, certificates and servers, and waits until every replica streams. {@link remove} takes all of it away. */
  static async make(options: PlainPostgresOptions): Promise<PlainPostgres> {
    const made = new PlainPostgres(options, await mkdtemp(join(tmpdir(), `${options.prefix}-`)));
    try {
      await made.remove({ keepFolder: true });
      await makeCertificate(made.tls, Object.values(options.services));
      for (const network of made.networks) await docker(['network', 'create', network]);
      await made.start(made.leaderAtFirst, initialise);
      await made.untilAnswers(made.leaderAtFirst);
      await Promise.all(made.replicasAtFirst.map((name) => made.start(name, copyOf(made.leaderAtFirst))));
      // What makes a copy streams, too, under the same name.
      for (const name of made.replicasAtFirst) await made.untilAnswers(name);
      await made.untilStreaming(made.leaderAtFirst, options.replicas);
      const names = made.members.map((name) => `"${name}"`).join(', ');
      for (const member of made.members) {
        await made.sql(member, `ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (${names})'`);
        await made.sql(member, 'SELECT pg_reload_conf()');
      }
      await made.moveServices(made.leaderAtFirst);
      return made;
    } catch (error) {
      await made.remove();
      throw error;
    }
  }

  /** Names of the servers: what they are called in `application_name`, and by `hostname`. */
  get members(): readonly string[] {
    return Array.from({ length: this.options.replicas + 1 }, (_, index) => `${this.options.prefix}-${index + 1}`);
  }

  private get leaderAtFirst(): string {
    return this.members[0] as string;
  }

  private get replicasAtFirst(): readonly string[] {
    return this.members.slice(1);
  }

  /** The network of the servers, and those on which the names of the services are known. */
  private get networks() {
    return [this.serverNetwork, this.writeNetwork, this.readNetwork] as const;
  }

  /** A client that is on it reaches each server by its address, as every pod of a cluster does. */
  get serverNetwork(): string {
    return `${this.options.prefix}-servers`;
  }

  /** A client that is on it finds the leader. */
  get writeNetwork(): string {
    return `${this.options.prefix}-write`;
  }

  /** A client that is on it finds the replicas. */
  get readNetwork(): string {
    return `${this.options.prefix}-read`;
  }

  /** Runs one statement, or several, as superuser, and returns the rows as psql prints them without alignment. */
  async sql(member: string, text: string, database = 'postgres'): Promise<string[]> {
    const psql = [
      'psql',
      '-X',
      '-A',
      '-t',
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      '/tmp',
      '-U',
      'postgres',
      '-d',
      database,
    ];
    const answer = await docker(['exec', member, ...psql, '-c', text]);
    return answer === '' ? [] : answer.split('\n');
  }

  /** SIGKILL to every process of a server. It stays dead. */
  async kill(member: string): Promise<void> {
    await docker(['kill', member]);
  }

  /** Makes a replica the leader, on a new timeline, and waits until it takes writes. */
  async promote(member: string): Promise<void> {
    const [promoted] = await this.sql(member, 'SELECT pg_promote(true, 30)');
    if (promoted !== 't') throw new Error(`${member} was not promoted`);
  }

  /**
   * Gives the name of the write service to `leader`, that of the read service to all others that run, and tells these to follow it. Connections
   * that clients have to a server which leaves a service end in silence, as those to a pod that is gone.
   */
  async moveServices(leader: string): Promise<void> {
    const { write, read } = this.options.services;
    for (const member of await this.running()) {
      const [network, alias, other] =
        member === leader ? [this.writeNetwork, write, this.readNetwork] : [this.readNetwork, read, this.writeNetwork];
      const on = await networksOf(member);
      if (!on.includes(network)) await docker(['network', 'connect', '--alias', alias, network, member]);
      if (on.includes(other)) await docker(['network', 'disconnect', other, member]);
      if (member !== leader) {
        await this.sql(member, `ALTER SYSTEM SET primary_conninfo = '${conninfo(leader, member)}'`);
        await this.sql(member, 'SELECT pg_reload_conf()');
      }
    }
  }

  /** Waits until this many replicas stream from `leader`. */
  async untilStreaming(leader: string, replicas: number): Promise<void> {
    await until({ what: `${replicas} replicas stream from ${leader}`, boundMs: startBoundMs }, async () => {
      const [count] = await this.sql(leader, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'");
      return Number(count) >= replicas ? true : undefined;
    });
  }

  /** Takes containers, networks and the folder away; what is not there is no error. */
  async remove({ keepFolder = false } = {}): Promise<void> {
    await Promise.all(this.members.map((name) => docker(['rm', '-f', '-v', name]).catch(() => undefined)));
    for (const network of this.networks) await docker(['network', 'rm', network]).catch(() => undefined);
    if (!keepFolder) await rm(this.tls, { recursive: true, force: true });
  }

  private async running(): Promise<readonly string[]> {
    const names = await docker(['ps', '--format', '{{.Names}}']);
    return this.members.filter((name) => names.split('\n').includes(name));
  }

  private async start(name: string, script: string): Promise<void> {
    const settings = ['--env', `PGPASSWORD=${superuserPassword}`, '--volume', `${this.tls}:/certificates:ro`];
    const started = ['run', '--detach', '--init', '--name', name, '--hostname', name, '--network', this.serverNetwork];
    await docker([
      ...started,
      '--user',
      'postgres',
      ...settings,
      '--entrypoint',
      'bash',
      this.options.image,
      '-euc',
      script,
    ]);
  }

  private async untilAnswers(member: string): Promise<void> {
    await until(
      { what: `${member} answers`, boundMs: startBoundMs },
      async () => (await this.sql(member, 'SELECT 1'))[0],
    );
  }
}

async function networksOf(container: string): Promise<readonly string[]> {
  return Object.keys(JSON.parse(await docker(['inspect', '-f', '{{json .NetworkSettings.Networks}}', container])));
}

const programs = 'export PATH=/usr/lib/postgresql/17/bin:$PATH; umask 077; cp /certificates/tls.* /tmp/';
/** Here and not where the servers are made: a copy is to have them, too. */
const settings = [
  "listen_addresses = '*'",
  "unix_socket_directories = '/tmp'",
  'ssl = on',
  "ssl_cert_file = '/tmp/tls.crt'",
  "ssl_key_file = '/tmp/tls.key'",
  'max_connections = 100',
  'wal_log_hints = on',
  // Two that are copied at the same time, and a replica that follows a new leader, without slots.
  'wal_keep_size = 256MB',
  'max_standby_streaming_delay = 1s',
  'wal_receiver_status_interval = 1s',
];

const initialise = `${programs}
initdb -D /tmp/data -U postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile=<(echo "$PGPASSWORD") -E UTF8 --locale=C.UTF-8 --data-checksums >/dev/null
printf '%s\\n' ${settings.map((line) => `"${line}"`).join(' ')} >>/tmp/data/postgresql.conf
printf '%s\\n' 'hostssl all all all scram-sha-256' 'host replication all all scram-sha-256' >>/tmp/data/pg_hba.conf
exec postgres -D /tmp/data`;

const copyOf = (leader: string) => `${programs}
pg_basebackup -D /tmp/data -X stream -c fast -R -d "${conninfo(leader, '$HOSTNAME')}"
exec postgres -D /tmp/data`;

const conninfo = (leader: string, member: string) =>
  `host=${leader} user=postgres password=${superuserPassword} application_name=${member}`;

async function makeCertificate(folder: string, names: readonly string[]): Promise<void> {
  const openssl = (...words: string[]) => run('openssl', words, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await writeFile(join(folder, 'san'), `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`);
  await openssl('req', '-x509', ...key, '-subj', '/CN=plain', '-keyout', 'ca.key', '-out', 'ca.crt');
  await openssl('req', '-new', ...key.slice(0, -2), '-subj', '/', '-keyout', 'tls.key', '-out', 'tls.csr');
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'san'];
  await openssl('x509', '-req', '-in', 'tls.csr', ...signed, '-out', 'tls.crt');
  // The servers run as another user, and copy them.
  await run('chmod', ['-R', 'a+rX', folder]);
  await readFile(join(folder, 'tls.crt'));
}
