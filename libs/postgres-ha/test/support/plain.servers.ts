import { execFile } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

const execute = promisify(execFile);

/** Marks what these tests make, so that `scripts/test` can remove it after Ctrl-C. */
const label = 'postgres-ha.test';
const password = 'only-in-tests';
const startBoundMs = 30_000;
const standbyBoundMs = 30_000;
const dockerTimeoutMs = 60_000;

/** `scripts/test` looks for one. It has to have PostgreSQL 17 and bash. */
const image = process.env['POSTGRES_IMAGE'] ?? 'pg-ha-lab/patroni';

/** Debian's and Ubuntu's packages have one folder for each major; other images have one in PATH. */
const findPrograms = `
  for bin in /usr/lib/postgresql/17/bin "$(pg_config --bindir 2>/dev/null)" /usr/local/bin; do [ -x "$bin/initdb" ] && break; done
  umask 077; data=/tmp/plain-data; export PGPASSWORD=${password}`;

/** Neither server of these tests has to survive a power cut. */
const serve = `exec "$bin/postgres" -D "$data" -k /tmp -c listen_addresses='*' -c fsync=off -c wal_level=replica -c hot_standby=on`;

const makePrimary = `${findPrograms}
  echo ${password} > /tmp/password
  "$bin/initdb" -D "$data" -U postgres --auth=scram-sha-256 --pwfile=/tmp/password --no-sync >/dev/null
  printf 'host all all all scram-sha-256\\nhost replication all all scram-sha-256\\n' >> "$data/pg_hba.conf"
  ${serve}`;

const makeStandby = (primary: string) => `${findPrograms}
  until "$bin/pg_basebackup" -d 'host=${primary} user=postgres application_name=standby' -D "$data" -R -X stream --checkpoint=fast --no-sync; do
    rm -rf "$data"; sleep 0.2
  done
  ${serve}`;

/** One server, in a container. It is gone when it is killed. */
export interface PlainServer {
  readonly container: string;
  /** On 127.0.0.1. */
  readonly port: number;
}

/** Runs the docker client and returns what it printed. */
async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute('docker', args, { timeout: dockerTimeoutMs });
  return stdout.trim();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/**
 * A primary and a standby made for one test: PostgreSQL's own replication, and nothing that watches over it, elects or forwards. Commits
 * wait for the standby.
 */
export class PlainServers {
  private constructor(
    private readonly network: string,
    readonly primary: PlainServer,
    readonly standby: PlainServer,
  ) {}

  /** The superuser, whom no application should use: the tests install with it, and break things. */
  static readonly superuser = { user: 'postgres', password, database: 'postgres' } as const;

  /** @param name distinguishes the servers of tests that run at the same time */
  static async start(name: string): Promise<PlainServers> {
    const network = `postgres-ha-${name}-${process.pid}`;
    const server = async (role: string): Promise<PlainServer> => ({
      container: `${network}-${role}`,
      port: await freePort(),
    });
    const servers = new PlainServers(network, await server('one'), await server('two'));
    try {
      await docker('network', 'create', '--label', label, network);
      await servers.run(servers.primary, makePrimary);
      await servers.run(servers.standby, makeStandby(servers.primary.container));
      await servers.untilReplicating();
      return servers;
    } catch (error) {
      const logs = await Promise.all([servers.primary, servers.standby].map((each) => servers.logsOf(each)));
      await servers.remove();
      throw new Error(`the servers did not start:\n${logs.join('\n')}`, { cause: error });
    }
  }

  /** Runs one statement as the superuser. */
  async query<Row extends pg.QueryResultRow>(
    { port }: PlainServer,
    text: string,
    database: string = PlainServers.superuser.database,
  ): Promise<Row[]> {
    const client = new pg.Client({
      ...PlainServers.superuser,
      database,
      host: '127.0.0.1',
      port,
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** The standby goes on receiving, and shows nothing that is written from now on. */
  async pauseReplay(): Promise<void> {
    const [now] = await this.query<{ lsn: string }>(this.primary, 'SELECT pg_current_wal_flush_lsn() AS lsn');
    await until('the standby shows all so far', standbyBoundMs, async () => {
      const caughtUp = `SELECT WHERE pg_last_wal_replay_lsn() >= '${now?.lsn}'`;
      return (await this.query(this.standby, caughtUp)).length === 1;
    });
    await this.query(this.standby, 'SELECT pg_wal_replay_pause()');
    await until('the pause of replay', standbyBoundMs, async () => {
      const [row] = await this.query<{ state: string }>(
        this.standby,
        'SELECT pg_get_wal_replay_pause_state() AS state',
      );
      return row?.state === 'paused';
    });
  }

  async resumeReplay(): Promise<void> {
    await this.query(this.standby, 'SELECT pg_wal_replay_resume()');
  }

  /** From now on a commit is on the primary alone, and is acknowledged all the same. */
  async stopReplicating(): Promise<void> {
    await this.setting(this.primary, 'synchronous_standby_names', '');
    await this.setting(this.standby, 'primary_conninfo', '');
    await until('the end of replication', standbyBoundMs, async () => {
      const rows = await this.query(this.primary, 'SELECT FROM pg_stat_replication');
      return rows.length === 0;
    });
  }

  /** As a crash of its machine does it: at once, without a word to anybody. */
  async kill({ container }: PlainServer): Promise<void> {
    await docker('kill', container);
  }

  /** Makes the standby the primary, as an operator does it. */
  async promote(): Promise<void> {
    await this.query(this.standby, 'SELECT pg_promote()');
  }

  async remove(): Promise<void> {
    for (const { container } of [this.standby, this.primary]) {
      await docker('rm', '--force', '--volumes', container).catch(() => undefined);
    }
    await docker('network', 'rm', this.network).catch(() => undefined);
  }

  private async run({ container, port }: PlainServer, script: string): Promise<void> {
    const where = ['--network', this.network, '--publish', `127.0.0.1:${port}:5432`];
    const who = ['--name', container, '--label', label, '--user', 'postgres', '--entrypoint', '/bin/bash'];
    await docker('run', '--detach', '--rm', ...where, ...who, image, '-c', script);
  }

  private async untilReplicating(): Promise<void> {
    await until(
      'the primary',
      startBoundMs,
      async () => (await this.query(this.primary, 'SELECT 1 AS one')).length === 1,
    );
    await until('the standby', standbyBoundMs, async () => {
      const [row] = await this.query(this.primary, `SELECT FROM pg_stat_replication WHERE state = 'streaming'`);
      return row !== undefined && (await this.query(this.standby, 'SELECT 1 AS one')).length === 1;
    });
    await this.setting(this.primary, 'synchronous_standby_names', '*');
  }

  private async setting(server: PlainServer, name: string, value: string): Promise<void> {
    await this.query(server, `ALTER SYSTEM SET ${name} = '${value}'`);
    await this.query(server, 'SELECT pg_reload_conf()');
  }

  private async logsOf({ container }: PlainServer): Promise<string> {
    const { stdout, stderr } = await execute('docker', ['logs', container]).catch((error: Error) => ({
      stdout: '',
      stderr: error.message,
    }));
    return `${container}:\n${stdout}${stderr}`;
  }
}

/** Looks until it is true. An error counts as "not yet". */
export async function until(what: string, boundMs: number, isTrue: () => Promise<boolean>): Promise<void> {
  const startedMs = performance.now();
  let last: unknown;
  while (performance.now() - startedMs < boundMs) {
    try {
      if (await isTrue()) return;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`not within ${boundMs} ms: ${what}`, { cause: last });
}
