import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ClusterPool,
  HostDirectory,
  type PoolName,
  type PooledClient,
  poolOptions,
  resolveDatabase,
} from '../../../../libs/postgres-ha/src/index.js';
import { postgresHaSettings } from '../../src/config/postgres-ha.settings.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { lab as settings, openLab } from '../../../../libs/chaos/test/support/settings.js';
import { appEnvironment } from '../support/environment.js';
import { until } from '../../../../libs/cluster/src/wait.js';

/**
 * ClusterPool uses parts of pg-pool that are not public. These tests look only at the connections that it gives, so they fail when an
 * update of pg-pool changes one of those parts.
 */
const lab = openLab();
const open: ClusterPool[] = [];

/** The pool opens missing connections in rounds of a second. */
const warmUpBoundMs = 10_000;

/** The age at which a read connection to the leader is dropped, and a margin. */
const leaderMaxAgeMs = 5_000;
const ageMarginMs = 3_000;
/** How long a connect to a silent node may take. */
const silenceMs = 1_000;

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.end()));
});

const databaseOf = (overrides: Record<string, string> = {}) =>
  resolveDatabase(postgresHaSettings(appEnvironment(overrides)).database);

function pooled(name: PoolName, overrides: Record<string, string> = {}): ClusterPool {
  const pool = new ClusterPool(poolOptions(name, databaseOf(overrides)));
  pool.on('error', () => undefined);
  open.push(pool);
  return pool;
}

/** A pool that has made its first connection, from which on it keeps some ahead of need. */
async function connected(name: PoolName, overrides: Record<string, string> = {}): Promise<ClusterPool> {
  const pool = pooled(name, overrides);
  await borrow(pool, () => undefined);
  return pool;
}

/** Takes a connection, lets `use` work with it, and puts it back. */
async function borrow<T>(pool: ClusterPool, use: (client: PooledClient) => T | Promise<T>): Promise<T> {
  const client = (await pool.connect()) as unknown as PooledClient;
  client.on('error', ignore);
  try {
    return await use(client);
  } finally {
    client.removeListener('error', ignore);
    client.release();
  }
}

const ignore = () => undefined;

const pidOf = (client: PooledClient): number => (client as unknown as { processID: number }).processID;
const borrowPid = (pool: ClusterPool) => borrow(pool, pidOf);
const borrowMember = (pool: ClusterPool) => borrow(pool, ({ node }) => node.member);

async function untilWarm(pool: ClusterPool, connections: number): Promise<void> {
  await until({ what: `${connections} idle connections`, boundMs: warmUpBoundMs, everyMs: 50 }, () =>
    pool.idleCount >= connections ? true : undefined,
  );
}

/** A pool of one connection gives the same one again unless it was dropped, so a test sees which happened. */
const single = { DB_WRITE_POOL_SIZE: '1' };

describe('A connection', () => {
  it('is used again after work that went well', async () => {
    const write = await connected('write', single);
    const pid = await borrowPid(write);
    expect(await borrowPid(write)).toBe(pid);
  });

  it('is used again after an error of a statement', async () => {
    const write = await connected('write', single);
    const pid = await borrow(write, async (client) => {
      await expect(client.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
      return pidOf(client);
    });
    expect(await borrowPid(write)).toBe(pid);
  });

  it('is replaced when its backend was terminated (57P01) while it was idle', async () => {
    const write = await connected('write', single);
    const { pid, member } = await borrow(write, (client) => ({ pid: pidOf(client), member: client.node.member }));
    await psql(member, `SELECT pg_terminate_backend(${pid}, 5000)`);
    expect(await borrow(write, select)).not.toBe(pid);
  });

  it('is replaced when its backend was terminated (57P01) under a running statement', async () => {
    const write = await connected('write', single);
    const pid = await borrow(write, async (client) => {
      const running = client.query('SELECT pg_sleep(20)');
      const terminated = psql(client.node.member, `SELECT pg_terminate_backend(${pidOf(client)}, 5000)`);
      await expect(running).rejects.toMatchObject({ code: '57P01' });
      await terminated;
      return pidOf(client);
    });
    expect(await borrow(write, select)).not.toBe(pid);
  });

  it('is replaced after 25006, with which a demoted leader answers on a connection that is otherwise sound', async () => {
    const write = await connected('write', single);
    const pid = await borrow(write, async (client) => {
      await client.query('SET default_transaction_read_only = on');
      const insert = client.query("INSERT INTO products (name, price) VALUES ('never stored', 1)");
      await expect(insert).rejects.toMatchObject({ code: '25006' });
      return pidOf(client);
    });
    expect(await borrowPid(write)).not.toBe(pid);
    expect(write.totalCount).toBe(1);
  });

  it('is replaced when it comes back with a transaction left open', async () => {
    const write = await connected('write', single);
    const pid = await borrow(write, async (client) => {
      await client.query('BEGIN');
      return pidOf(client);
    });
    expect(await borrowPid(write)).not.toBe(pid);
  });

  it('to a replica is refused by the write side', async () => {
    const write = pooled('write', { DB_WRITE_PORT: `${settings.readPort}` });
    await expect(write.connect()).rejects.toMatchObject({ code: 'WRONG_ROLE' });
  });

  it('to the leader is dropped by the read side when it grows old, so that reads return to replicas', async () => {
    const read = await connected('read', { DB_READ_PORT: `${settings.writePort}` });
    const pid = await borrow(read, (client) => {
      expect(client.role).toBe('leader');
      return pidOf(client);
    });
    const boundMs = leaderMaxAgeMs + ageMarginMs;
    await until({ what: 'another connection', boundMs }, async () => {
      const pids = await Promise.all([borrowPid(read), borrowPid(read), borrowPid(read), borrowPid(read)]);
      return pids.includes(pid) ? undefined : true;
    });
  });

  const select = async (client: PooledClient): Promise<number> => {
    await client.query('SELECT 1');
    return pidOf(client);
  };
});

describe('A node that accepts connections and never answers', () => {
  it('is tried by few connections at a time, however many requests wait', async () => {
    let accepted = 0;
    const silent = createServer((socket) => {
      accepted += 1;
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const options = poolOptions('read', databaseOf(), new HostDirectory([{ host: '127.0.0.1', port }]));
    const pool = new ClusterPool({ ...options, connectionTimeoutMillis: silenceMs });
    const outcomes = Promise.allSettled(Array.from({ length: pool.options.max }, () => pool.connect()));
    await sleep(silenceMs / 2);
    const atOnce = accepted;
    const statuses = (await outcomes).map(({ status }) => status);
    await pool.end();
    silent.close();
    expect(atOnce).toBe(options.concurrentConnects);
    expect(new Set(statuses)).toEqual(new Set(['rejected']));
  });
});

describe('A burst of requests', () => {
  /** Sends requests at once that each use a connection for `workMs`. @returns how many connections were opened for them */
  async function burst(workMs: number, overrides: Record<string, string> = {}): Promise<number> {
    const write = await connected('write', overrides);
    const work = () => borrow(write, (client) => client.query('SELECT pg_sleep($1)', [workMs / 1_000]));
    await Promise.all(Array.from({ length: 16 }, work));
    return write.totalCount;
  }

  it('gets many connections where the work takes longer than a connect', async () => {
    expect(await burst(2_000, { DB_CONNECT_TIMEOUT_MS: '10000' })).toBeGreaterThan(4);
  });

  it('is served by few connections where the work is short, and by one for each request without a bound', async () => {
    const needed = await burst(0);
    const unbounded = await burst(0, { DB_CONCURRENT_CONNECTS: '0' });
    expect(needed).toBeLessThan(unbounded);
    expect(unbounded).toBeGreaterThan(8);
  });
});

describe('The pool of the read side', () => {
  it('knocks no more than once in five seconds per connection while its login is refused', async () => {
    const leader = await lab.leader();
    const login = 'pool_refused';
    await psql(leader, `DROP ROLE IF EXISTS ${login}; CREATE ROLE ${login} LOGIN PASSWORD 'first' IN ROLE app_user`);
    try {
      const read = await connected('read', { DB_USER: login, DB_PASSWORD: 'first' });
      await untilWarm(read, 2);
      const pool = read as unknown as { newClient: (pending: unknown) => void };
      let knocks = 0;
      const { newClient } = pool;
      pool.newClient = (pending) => {
        knocks += 1;
        newClient.call(pool, pending);
      };
      await psql(leader, `ALTER ROLE ${login} PASSWORD 'second'`);
      for (const member of lab.members)
        await psql(member, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${login}'`);
      await sleep(4_000);
      // One round, or two where the members learn of the new password after the first. Without the pause there would be sixteen.
      expect(knocks).toBeGreaterThan(0);
      expect(knocks).toBeLessThanOrEqual(8);
    } finally {
      await Promise.all(open.splice(0).map((pool) => pool.end()));
      await psql(leader, `DROP ROLE ${login}`);
    }
  });

  it('opens connections before they are needed, and uses both replicas evenly when one is used at a time', async () => {
    const read = await connected('read');
    await untilWarm(read, 4);
    const members: string[] = [];
    for (let checkout = 0; checkout < 20; checkout += 1) members.push(await borrowMember(read));
    const replicas = await lab.replicas();
    const uses = replicas.map((replica) => members.filter((member) => member === replica).length);
    expect(uses).toEqual([10, 10]);
  });

  it('replaces connections that were cut before anybody asks for one', async () => {
    const read = await connected('read');
    await untilWarm(read, 4);
    const clients = await Promise.all(
      Array.from({ length: 4 }, () =>
        borrow(read, async (client) => {
          // Long enough that all four connections are in use at once.
          await client.query('SELECT pg_sleep(0.2)');
          return { pid: pidOf(client), member: client.node.member };
        }),
      ),
    );
    expect(new Set(clients.map(({ pid, member }) => `${member} ${pid}`)).size).toBe(4);
    await Promise.all(clients.map(({ pid, member }) => psql(member, `SELECT pg_terminate_backend(${pid}, 5000)`)));
    await untilWarm(read, 4);
    const fresh = await borrow(read, ({ node }) => node.member);
    expect(await lab.replicas()).toContain(fresh);
  });

  it('gives a connection to the member that the caller prefers while one is idle', async () => {
    const read = await connected('read');
    await untilWarm(read, 4);
    for (const wanted of await lab.replicas()) {
      for (let checkout = 0; checkout < 5; checkout += 1) {
        const client = await read.connectTo(({ node }) => (node.member === wanted ? 0 : 1));
        const { member } = client.node;
        client.release();
        expect(member).toBe(wanted);
      }
    }
  });

  it('gives each of two callers at the same moment the member that it prefers', async () => {
    const read = await connected('read');
    await untilWarm(read, 4);
    const replicas = await lab.replicas();
    // In both orders, because the pool takes turns and would give one caller its member by chance.
    for (const wanted of [replicas, replicas.toReversed()]) {
      const clients = await Promise.all(
        wanted.map((member) => read.connectTo(({ node }) => (node.member === member ? 0 : 1))),
      );
      for (const client of clients) client.release();
      expect(clients.map(({ node }) => node.member)).toEqual(wanted);
    }
  });

  it('gives a connection to another member when none to the preferred one is idle', async () => {
    const read = await connected('read');
    await untilWarm(read, 4);
    const client = await read.connectTo(() => 1);
    const { member } = client.node;
    client.release();
    expect(await lab.replicas()).toContain(member);
  });
});
