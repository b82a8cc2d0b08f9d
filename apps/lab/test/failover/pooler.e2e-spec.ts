import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { PlainClients, type PlainResult } from '../../../../libs/chaos/test/support/plain.clients.js';
import { startScript, type ScriptResult } from '../../../../libs/chaos/test/support/script.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { pause, until } from '../../../../libs/cluster/src/wait.js';

const setUpBoundMs = 300_000;
/** A switchover takes 2 to 4 s on a busy machine; PgBouncer tries to log in once a second. */
const failoverBoundMs = 30_000;
const connectTimeoutMs = 2_000;
/** Of each kind of plain clients, and how long they write before and after a switchover. */
const plainClients = 4;
const aroundMs = 2_000;
/** An advisory lock that nobody else uses. */
const lockNumber = 5_010;

const lab = useLab();

beforeAll(async () => {
  if ((await lab.containers.list()).every(({ service }) => service !== 'pooler1')) {
    await lab.nemesis.healLater({ kind: 'removePoolers' });
  }
  await lab.pooler('on');
}, setUpBoundMs);

/** A client of :5010. `inHotStandby` is what the server said of its role at login, as PgBouncer passes it on. */
class PooledClient extends pg.Client {
  inHotStandby: string | undefined;
  isCut = false;

  constructor() {
    super({ ...settings.sql, port: settings.pooledWritePort, connectionTimeoutMillis: connectTimeoutMs });
    const { connection } = this as unknown as { connection: NodeJS.EventEmitter };
    connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => {
      if (parameterName === 'in_hot_standby') this.inHotStandby = parameterValue;
    });
    this.on('error', () => {
      this.isCut = true;
    });
  }

  async value(sql: string): Promise<unknown> {
    const { rows } = await this.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  }
}

async function connect(): Promise<PooledClient> {
  const client = new PooledClient();
  await client.connect();
  return client;
}

const codeOf = (error: unknown) => (error as { code?: string }).code;

describe('Transaction pooling', () => {
  let client: PooledClient;
  let other: PooledClient;

  beforeAll(async () => {
    [client, other] = [await connect(), await connect()];
  });

  afterAll(async () => {
    await Promise.all([client.end(), other.end()]);
  });

  /** Runs `work` while the other client has the backend that the client used last, so that the client gets another one. */
  async function onAnotherBackend<T>(work: () => Promise<T>): Promise<T> {
    const backend = await client.value('SELECT pg_backend_pid()');
    await other.query('BEGIN');
    try {
      expect(await other.value('SELECT pg_backend_pid()')).toBe(backend);
      return await work();
    } finally {
      await other.query('ROLLBACK');
    }
  }

  it('loses a SET, and gives it to another client', async () => {
    await client.query("SET work_mem = '1234kB'");
    const [own, others] = await onAnotherBackend(async () => [
      await client.value('SHOW work_mem'),
      await other.value('SHOW work_mem'),
    ]);
    await client.query('RESET work_mem');
    expect(own).not.toBe('1234kB');
    expect(others).toBe('1234kB');
  });

  it.each([
    ['a statement of SQL PREPARE', 'PREPARE pooled AS SELECT 1', 'EXECUTE pooled', '26000', 'DEALLOCATE pooled'],
    [
      'a cursor WITH HOLD',
      'BEGIN; DECLARE pooled CURSOR WITH HOLD FOR SELECT 1; COMMIT',
      'FETCH pooled',
      '34000',
      'CLOSE pooled',
    ],
  ])('does not find %s again', async (_, make, use, code, drop) => {
    await client.query(make);
    const failed = await onAnotherBackend(async () => {
      const seen = await client.query(use).catch(codeOf);
      // By the one that has its backend now.
      await other.query(drop);
      return seen;
    });
    expect(failed).toBe(code);
  });

  it('does not find a temporary table again, where its user may make one', async () => {
    const make = 'CREATE TEMPORARY TABLE pooled_rows (n int)';
    expect(await client.query(make).catch(codeOf)).toBe('42501');
    const leader = await lab.leader();
    await lab.psql(leader, 'GRANT TEMPORARY ON DATABASE app_db TO app_user');
    try {
      await client.query(make);
      const failed = await onAnotherBackend(() => client.query('SELECT * FROM pooled_rows').catch(codeOf));
      await client.query('DROP TABLE pooled_rows');
      expect(failed).toBe('42P01');
    } finally {
      await lab.psql(leader, 'REVOKE TEMPORARY ON DATABASE app_db FROM app_user');
    }
  });

  it('cannot release a session-level advisory lock, which outlives its client', async () => {
    const holder = await connect();
    await holder.query(`SELECT pg_advisory_lock(${lockNumber})`);
    const backend = await holder.value('SELECT pg_backend_pid()');
    await holder.end();
    await other.query('BEGIN');
    const pid = await other.value('SELECT pg_backend_pid()');
    const isHeld = `SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND objid = ${lockNumber}`;
    const held = await client.value(isHeld);
    const released = await client.value(`SELECT pg_advisory_unlock(${lockNumber})`);
    await other.query(`SELECT pg_advisory_unlock(${lockNumber})`);
    await other.query('COMMIT');
    expect([pid, held, released]).toEqual([backend, 1, false]);
  });

  it('brings no notifications', async () => {
    const heard: unknown[] = [];
    client.on('notification', (message) => heard.push(message));
    await client.query('LISTEN pooled');
    await onAnotherBackend(async () => {
      await client.query('NOTIFY pooled');
      await client.query('SELECT 1');
    });
    expect(heard).toEqual([]);
  });

  it('keeps named prepared statements of the protocol, SET LOCAL, and locks of a transaction', async () => {
    const named = { name: 'pooled', text: 'SELECT $1::int AS n', values: [7] };
    await client.query(named);
    const again = await onAnotherBackend(() => client.query(named));
    await client.query('BEGIN');
    await client.query(`SET LOCAL work_mem = '4321kB'; SELECT pg_advisory_xact_lock(${lockNumber})`);
    const local = await client.value('SHOW work_mem');
    await client.query('COMMIT');
    expect([again.rows, local]).toEqual([[{ n: 7 }], '4321kB']);
    expect(await client.value('SHOW work_mem')).not.toBe('4321kB');
  });

  it('ignores start-up options, and has timeouts of its own', async () => {
    const patient = new pg.Client({
      ...settings.sql,
      port: settings.pooledWritePort,
      options: '-c statement_timeout=77777',
    });
    await patient.connect();
    try {
      const { rows } = await patient.query(`SELECT current_setting('statement_timeout') AS timeout`);
      expect(rows).toEqual([{ timeout: '30s' }]);
    } finally {
      await patient.end();
    }
  });

  it('serves transactions of TypeORM', async () => {
    const { user: username, ...rest } = settings.sql;
    const dataSource = new DataSource({
      type: 'postgres',
      ...rest,
      username,
      port: settings.pooledWritePort,
      poolSize: 4,
    });
    await dataSource.initialize();
    try {
      const pids = await dataSource.transaction(async (manager) => [
        await manager.query('SELECT pg_backend_pid() AS pid'),
        await manager.query('SELECT pg_backend_pid() AS pid'),
      ]);
      expect(pids[0]).toEqual(pids[1]);
    } finally {
      await dataSource.destroy();
    }
  });
});

describe.each([
  ['a switchover', async () => lab.switchover(await lab.leader())],
  ['a promotion after the postmaster was killed', async () => lab.killPostmaster(await lab.leader())],
])('After %s', (_, change) => {
  it('an old client is cut, and a new one is told that it reached a leader', async () => {
    const before = await lab.leader();
    const old = await connect();
    expect(old.inHotStandby).toBe('off');
    await change();
    const member = await until({ what: 'a new client writes', boundMs: failoverBoundMs, everyMs: 50 }, async () => {
      const client = new PooledClient();
      try {
        await client.connect();
        const reached = await client.value('SELECT member FROM lab.node_identity() WHERE NOT pg_is_in_recovery()');
        return reached !== before && client.inHotStandby === 'off' ? String(reached) : undefined;
      } catch {
        return undefined;
      } finally {
        await client.end().catch(() => undefined);
      }
    });
    expect(member).toBe(await lab.leader());
    await until({ what: 'the old client is cut', boundMs: failoverBoundMs }, () =>
      Promise.resolve(old.isCut || undefined),
    );
    await lab.waitHealthy(120_000);
  }, 180_000);
});

describe('Plain clients that never try again', () => {
  async function during(change: () => Promise<unknown>): Promise<PlainResult & { readonly moved: boolean }> {
    const before = await lab.leader();
    const clients = new PlainClients(settings.pooledWritePort);
    clients.start(plainClients);
    await pause(aroundMs);
    await change();
    await pause(aroundMs);
    const result = await clients.stop(lab);
    return { ...result, moved: (await lab.leader()) !== before };
  }

  const handOver = (...args: string[]): Promise<ScriptResult> => startScript('lab', ['switchover', ...args]).ended;

  // The second one finds clients at a pooler whose member does not lead.
  it('do not notice two switchovers with --pause', async () => {
    const codes: (number | null)[] = [];
    const result = await during(async () => {
      codes.push((await handOver('--pause', '--to', (await lab.replicas())[0] ?? '')).code);
      codes.push((await handOver('--pause', '--to', (await lab.replicas())[1] ?? '')).code);
    });
    expect(codes).toEqual([0, 0]);
    expect(result).toMatchObject({ errors: [], lost: 0 });
    expect(result.acknowledged).toBeGreaterThan(0);
  }, 180_000);

  it('notice one without', async () => {
    const { errors, lost, moved } = await during(() => handOver());
    expect(moved).toBe(true);
    expect(lost).toBe(0);
    expect(errors.length).toBeGreaterThan(0);
  }, 180_000);

  it('go on when a transaction that does not end holds the switchover up, and nothing has changed', async () => {
    const [holder, keeper] = [await connect(), new pg.Client(settings.sql)];
    await keeper.connect();
    await keeper.query(`SELECT pg_advisory_lock(${lockNumber})`);
    await holder.query('BEGIN');
    // Busy and not idle, for PostgreSQL ends transactions that idle. The pooler's statement_timeout is longer than a switchover tries.
    const waiting = holder.query(`SELECT pg_advisory_xact_lock(${lockNumber})`);
    try {
      let said: ScriptResult | undefined;
      const { errors, moved } = await during(async () => (said = await handOver('--pause')));
      expect(said).toMatchObject({ code: 1 });
      expect(said?.stderr).toContain('a transaction has not ended within 5 s');
      expect({ errors, moved }).toEqual({ errors: [], moved: false });
      await keeper.query(`SELECT pg_advisory_unlock(${lockNumber})`);
      await waiting;
      await holder.query('COMMIT');
    } finally {
      await keeper.end();
      await holder.end();
    }
  }, 180_000);

  it('go on after Ctrl-C', async () => {
    const holder = await connect();
    await holder.query('BEGIN; SELECT 1');
    try {
      const { errors, moved } = await during(async () => {
        const script = startScript('lab', ['switchover', '--pause']);
        await pause(aroundMs);
        script.interrupt();
        await script.ended;
      });
      expect({ errors, moved }).toEqual({ errors: [], moved: false });
    } finally {
      await holder.end();
    }
  }, 180_000);
});
