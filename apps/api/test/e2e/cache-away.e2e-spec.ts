import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisConnection } from '../../src/cache/redis.connection.js';
import { deleteAlbums } from '../support/albums.js';
import { TestApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab } from '../../../../libs/chaos/test/support/settings.js';
import { Forwarder, SilentServer } from '../support/tcp.js';
import { until } from '../../../../libs/cluster/src/wait.js';

/** A reconnect may wait for 2 s, and the next trial may come only after it. */
const backBoundMs = 10_000;
/** Each use of the cache is bounded by 50 ms, and a request uses it a few times. */
const slowBoundMs = 2_000;
/** The pause between two trials while the cache is away. */
const shortestPauseMs = 125;
const longestPauseMs = 2_000;
const prefix = uniqueName('cache-away');
const unavailable = 'pg-ha-lab; fwd=bypass; detail=unavailable';
const hit = /^pg-ha-lab; hit/;
/** Longer than a request takes to come to its first use and that use may take, shorter than three uses. */
const lateMs = 110;
/** Longer than the bound of one use. */
const heldUpMs = 200;

const ping = ({ nest }: TestApp) => nest.get(RedisConnection).use('ping', (client) => client.ping());

function holdUpEventLoop(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}

describe('A service whose cache can be cut off', () => {
  const path = new Forwarder(lab.redisPort);
  let app: TestApp;
  let port: number;
  let album: string;
  let token: string;

  beforeAll(async () => {
    port = await path.open();
    app = await TestApp.boot({ REDIS_PORT: String(port) });
    await app.untilReady();
    const { headers } = await app.http.post('/albums').send({ title: prefix, artist: '0' }).expect(201);
    album = String(headers['location']);
    token = String(headers['consistency-token']);
    await untilHit();
  }, 60_000);

  afterAll(async () => {
    await app.close();
    await path.close();
    await deleteAlbums(prefix);
  });

  /** How often the service has asked Redis for an entry. */
  async function lookups(): Promise<number> {
    const { text } = await app.http.get('/metrics').expect(200);
    return Number(/^pgha_cache_operation_seconds_count\{operation="find"\} (\d+)$/m.exec(text)?.[1]);
  }

  const read = () => app.http.get(album).set('Consistency-Token', token);

  async function untilHit(): Promise<void> {
    await until({ what: 'a hit', boundMs: backBoundMs, everyMs: 50 }, async () => {
      const { headers } = await read().expect(200);
      const status = String(headers['cache-status']);
      if (!hit.test(status)) throw new Error(status);
      return true;
    });
  }

  async function write(artist: string): Promise<void> {
    const { headers } = await app.http.put(album).send({ title: prefix, artist }).expect(200);
    token = String(headers['consistency-token']);
  }

  it('answers without a cache that is silent, and waits for it only once, within a bound', async () => {
    const before = await lookups();
    path.hold();
    const startedMs = performance.now();
    for (let request = 0; request < 100; request += 1) {
      const sentMs = performance.now();
      const { headers } = await read().expect(200);
      expect(headers['cache-status']).toBe(unavailable);
      expect(performance.now() - sentMs).toBeLessThan(slowBoundMs);
    }
    const pauses = (performance.now() - startedMs) / shortestPauseMs;
    expect((await lookups()) - before).toBeLessThanOrEqual(1 + pauses);
  });

  it('writes without the cache too, and says that it is degraded', async () => {
    // After this pause the next trial is the mark of this write: it reaches Redis, and the answer does not come back.
    await sleep(longestPauseMs);
    const startedMs = performance.now();
    await write('1');
    expect(performance.now() - startedMs).toBeLessThan(slowBoundMs);
    const { body } = await app.http.get('/health').expect(200);
    expect(body).toMatchObject({ status: 'degraded', details: { redis: { status: 'degraded' } } });
  });

  it('uses the cache again once it answers, and does not show the writer what was cached before its write', async () => {
    path.release();
    await untilHit();
    const { body } = await read().expect(200);
    expect(body).toMatchObject({ artist: '1' });
  });

  it('goes on while the connection to the cache is lost and refused, and uses the cache again afterwards', async () => {
    await path.close();
    await write('2');
    const { body, headers } = await read().expect(200);
    expect(body).toMatchObject({ artist: '2' });
    expect(headers['cache-status']).toBe(unavailable);
    await path.open(port);
    await untilHit();
    expect((await read().expect(200)).body).toMatchObject({ artist: '2' });
  });

  it('is not degraded because of one late answer', async () => {
    path.hold();
    setTimeout(() => path.release(), lateMs);
    const { body } = await app.http.get('/health').expect(200);
    expect(body).toMatchObject({ details: { redis: { status: 'up' } } });
  });

  it('has counted the writes that it could not announce to the cache', async () => {
    const { text } = await app.http.get('/metrics').expect(200);
    expect(text).toMatch(/^pgha_cache_unfenced_writes_total\{step="mark"\} [1-9]/m);
    expect(text).toMatch(/^pgha_cache_requests_total\{result="unavailable"\} [1-9]/m);
  });
});

describe('A service whose cache accepts connections and never answers', () => {
  const silent = new SilentServer();
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.boot({ REDIS_PORT: String(await silent.open()) });
    await app.untilReady();
  }, 60_000);

  afterAll(async () => {
    await app.close();
    await silent.close();
    await deleteAlbums(prefix);
  });

  it('starts and answers requests', async () => {
    const { headers } = await app.http.post('/albums').send({ title: prefix, artist: '0' }).expect(201);
    const read = await app.http
      .get(String(headers['location']))
      .set('Consistency-Token', String(headers['consistency-token']))
      .expect(200);
    expect(read.headers['cache-status']).toBe(unavailable);
  });
});

describe('A service whose REDIS_TIMEOUT_MS is longer than its HEALTH_TIMEOUT_MS', () => {
  const path = new Forwarder(lab.redisPort);
  let app: TestApp;

  beforeAll(async () => {
    const patience = { REDIS_TIMEOUT_MS: '5000', HEALTH_TIMEOUT_MS: '500' };
    app = await TestApp.boot({ REDIS_PORT: String(await path.open()), ...patience });
    await app.untilReady();
  }, 60_000);

  afterAll(async () => {
    await app.close();
    await path.close();
  });

  it('is degraded and not down', async () => {
    await until({ what: 'Redis answers', boundMs: backBoundMs, everyMs: 50 }, () => ping(app));
    path.hold();
    const { body } = await app.http.get('/health');
    expect(body).toMatchObject({ details: { redis: { status: 'degraded' } } });
  });
});

describe('A service whose event loop is held up', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.boot();
    await app.untilReady();
  }, 60_000);
  afterAll(() => app.close());

  it('does not count Redis as away', async () => {
    await until({ what: 'Redis answers', boundMs: backBoundMs, everyMs: 50 }, () => ping(app));
    for (let time = 0; time < 5; time += 1) {
      const answer = ping(app);
      holdUpEventLoop(heldUpMs);
      expect(await answer).toBe('PONG');
    }
  });
});

describe('A service without a cache', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.boot({ REDIS_HOST: '' });
    await app.untilReady();
  }, 60_000);
  afterAll(() => app.close());

  it('answers requests, and its answers do not mention a cache', async () => {
    const { headers } = await app.http.get('/albums/2147483647').expect(404);
    expect(headers['cache-status']).toBeUndefined();
    const { body } = await app.http.get('/health').expect(200);
    expect(body).toMatchObject({ details: { redis: { status: 'up' } } });
  });
});
