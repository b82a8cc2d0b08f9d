import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { satisfies } from 'semver';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';

/**
 * `ClusterPool`, `ClusterClient`, `pipeline.ts` and `connection.checkout.ts` use members of pg, pg-pool and TypeORM that are not public, so
 * a minor version may move them. These tests look at the installed versions, without a server. After an update that fails here: adapt
 * those files, then the peer ranges in package.json.
 */
const manifest = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as unknown;
const versionOf = (name: string) =>
  (manifest(`../../../../node_modules/${name}/package.json`) as { version: string }).version;

const { peerDependencies: peers } = manifest('../../package.json') as { peerDependencies: Record<string, string> };

interface Waiting {
  callback(error: Error | undefined, client: unknown, release: () => void): void;
}

/** What is used of pg-pool, as `cluster.pool.ts` has it. */
interface Internals {
  readonly _clients: unknown[];
  readonly _idle: { readonly client: unknown }[];
  readonly _pendingQueue: Waiting[];
  _isFull(): boolean;
  _pulseQueue(): void;
  newClient(waiting: Waiting): void;
  _release(client: unknown, idleListener: unknown, error?: Error | boolean): void;
}

/** In place of pg's client, so that nothing is connected: these tests are about the pool. */
class Unconnected extends EventEmitter {
  _queryable = true;
  _ending = false;

  constructor(private readonly options: { readonly failure?: Error }) {
    super();
  }

  connect(done: (error?: Error) => void): void {
    setImmediate(() => done(this.options.failure));
  }

  end(done: () => void): void {
    setImmediate(done);
  }
}

const poolOf = (options: object) =>
  new pg.Pool({
    max: 1,
    idleTimeoutMillis: 0,
    Client: Unconnected,
    ...options,
  } as unknown as pg.PoolConfig) as pg.Pool & Internals;

const opened = (pool: Internals) =>
  new Promise<unknown>((resolve, reject) => {
    pool.newClient({ callback: (error, client) => (error === undefined ? resolve(client) : reject(error)) });
  });

describe('The installed version of', () => {
  it.each(['pg', 'pg-pool', 'typeorm'])('%s is one that package.json allows', (name) => {
    expect(satisfies(versionOf(name), peers[name] ?? 'none')).toBe(true);
  });

  it.each(['pg', 'pg-pool', 'typeorm'])('%s may not be a newer minor one', (name) => {
    expect(peers[name]).toMatch(/^~\d+\.\d+\.\d+$/);
  });
});

describe('typeorm-transactional', () => {
  it('is one that package.json allows, and no newer minor one is', () => {
    expect(satisfies(versionOf('typeorm-transactional'), peers['typeorm-transactional'] ?? 'none')).toBe(true);
    expect(peers['typeorm-transactional']).toMatch(/^~\d+\.\d+\.\d+$/);
  });

  it.each(['getTransactionalContext', 'getHookInContext'])(
    'exports %s from a file that is not its door',
    async (name) => {
      const common = (await import('typeorm-transactional/dist/common/index.js')) as Record<string, unknown>;
      expect(typeof common[name]).toBe('function');
    },
  );
});

describe('pg-pool', () => {
  it.each([
    ['_isFull', 0],
    ['_pulseQueue', 0],
    ['newClient', 1],
    ['_release', 3],
  ] as const)('has a method %s of %i parameters', (name, parameters) => {
    expect(poolOf({})[name]).toHaveLength(parameters);
  });

  it('queues who wants a connection while it says that it is full, before connect() returns', () => {
    const pool = poolOf({});
    pool._isFull = () => true;
    void pool.connect();
    void pool.connect();
    expect(pool._clients).toEqual([]);
    expect(pool._pendingQueue.map(({ callback }) => typeof callback)).toEqual(['function', 'function']);
  });

  it('counts a connection from newClient() on, and gives it to the callback when onConnect() has resolved', async () => {
    const admitted: unknown[] = [];
    const pool = poolOf({ onConnect: async (client: unknown) => Promise.resolve().then(() => admitted.push(client)) });
    const open = opened(pool);
    expect(pool._clients).toHaveLength(1);
    const client = await open;
    expect(admitted).toEqual([client]);
    expect(pool._clients).toEqual([client]);
  });

  it.each([
    ['a connection fails', { failure: new Error('refused') }],
    ['onConnect() rejects', { onConnect: () => Promise.reject(new Error('refused')) }],
  ])('forgets the connection and tells the callback when %s', async (_, options) => {
    const pool = poolOf(options);
    await expect(opened(pool)).rejects.toThrow('refused');
    expect(pool._clients).toEqual([]);
  });

  it('gives the last of its idle connections to the first who waits', async () => {
    const pool = poolOf({ max: 2 });
    const clients = [await opened(pool), await opened(pool)];
    for (const client of clients) (client as pg.PoolClient).release();
    expect(pool._idle.map(({ client }) => client)).toEqual(clients);
    pool._isFull = () => true;
    await expect(pool.connect()).resolves.toBe(clients[1]);
  });

  it('ends a connection at its release through _release(), when that is given an error', async () => {
    const pool = poolOf({});
    const client = await opened(pool);
    const release = pool._release.bind(pool);
    pool._release = (released, listener) => release(released, listener, true);
    (client as pg.PoolClient).release();
    expect([pool._clients, pool._idle]).toEqual([[], []]);
  });
});

/** A socket that answers the startup message as a standby does, then fails its session. */
class Standby extends Duplex {
  connect(): void {
    setImmediate(() => this.emit('connect'));
  }

  setNoDelay(): void {}

  override _read(): void {}

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done();
    this.push(Buffer.concat([message('R', '\0\0\0\0'), message('S', 'in_hot_standby\0on\0'), message('Z', 'I')]));
    this.push(message('E', 'SFATAL\0C57P01\0Mbye\0\0'));
  }
}

/** A message of PostgreSQL's protocol: its type, its length, its content. */
function message(type: string, content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(type), length, Buffer.from(content, 'latin1')]);
}

interface Protocol extends EventEmitter {
  readonly stream: Duplex;
}

describe("pg's client", () => {
  it('tells of its connection what the server reports, and with which code it ends a session', async () => {
    const seen: unknown[] = [];
    const socket = new Standby();
    const client = new pg.Client({ stream: () => socket, user: 'nobody' } as unknown as pg.ClientConfig);
    const { connection } = client as unknown as { connection: Protocol };
    connection.on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
      seen.push([status.parameterName, status.parameterValue]);
    });
    const failed = new Promise((resolve) => {
      connection.on('errorMessage', ({ code }: { code: string }) => resolve(code));
    });
    client.on('error', () => undefined);
    await client.connect();
    await expect(failed).resolves.toBe('57P01');
    expect(seen).toEqual([['in_hot_standby', 'on']]);
    expect(client.getTransactionStatus()).toBe('I');
    expect(connection.stream).toBe(socket);
  });
});

describe("TypeORM's driver for PostgreSQL", () => {
  it('keeps its pool as `master`, and a query runner gets its connection through obtainMasterConnection()', () => {
    const source = ({ prototype }: { prototype: object }, name: string) =>
      String((prototype as Record<string, unknown>)[name]);
    expect(source(PostgresDriver, 'obtainMasterConnection')).toContain('this.master.connect(');
    expect(source(PostgresQueryRunner, 'connect')).toMatch(/this\.driver\s*\.obtainMasterConnection\(\)/);
  });
});
