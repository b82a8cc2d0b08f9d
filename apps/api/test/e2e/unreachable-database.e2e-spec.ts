import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab } from '../../../../libs/chaos/test/support/settings.js';
import { closedPort, Forwarder } from '../support/tcp.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { deleteProducts } from '../support/products.js';

/** The service tries again after at most 5 s, and a connect may take 2 s. */
const recoveryBoundMs = 15_000;

/** The connections that the read side opens before they are needed, and time for two rounds in which it could open more. */
const warmReadConnections = 4;
const settleMs = 2_500;

/** Short deadlines: a real service holds requests for longer. */
const shortDeadlines = { WRITE_DEADLINE_MS: '1500', READ_DEADLINE_MS: '500' };

describe('A service whose database cannot be reached', () => {
  const write = new Forwarder(lab.writePort);
  const read = new Forwarder(lab.readPort);
  const name = uniqueName('unreachable');
  let writePort: number;
  let readPort: number;
  let app: TestApp;

  beforeAll(async () => {
    [writePort, readPort] = [await closedPort(), await closedPort()];
    app = await TestApp.boot({
      DB_WRITE_PORT: String(writePort),
      DB_READ_PORT: String(readPort),
      PATRONI_URLS: `http://127.0.0.1:${await closedPort()}`,
      ...shortDeadlines,
    });
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([write.close(), read.close()]);
    await deleteProducts(name);
  });

  it('starts and is alive, but not ready', async () => {
    await app.http.get('/health/live').expect(200);
    const { body } = await app.http.get('/health/ready').expect(503);
    expect(body).toEqual({ status: 'not ready' });
  });

  it('says error with 503 on /health, and which parts are down', async () => {
    const { body } = await app.http.get('/health').expect(503);
    expect(body).toMatchObject({
      status: 'error',
      details: {
        write: { status: 'down', message: expect.any(String) },
        read: { status: 'down' },
        patroni: { status: 'down' },
        replication: { status: 'down' },
      },
    });
    const simple = await app.http.get('/health/simple').expect(503);
    expect(simple.text).toBe('error');
  });

  it.each([
    ['a read', () => app.http.get('/products')],
    ['a write', () => app.http.post('/products').send({ name, price: 1 })],
    ['/cluster/replication', () => app.http.get('/cluster/replication')],
  ])('answers %s with 503, a code and Retry-After', async (_, send) => {
    const response = await send().expect(503);
    expect(response.body).toMatchObject({ code: 'database_unavailable', status: 503 });
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('answers /cluster with 503, a code of its own and Retry-After', async () => {
    const response = await app.http.get('/cluster').expect(503);
    expect(response.body).toMatchObject({ code: 'patroni_unavailable' });
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('still serves its documentation and metrics', async () => {
    await app.http.get('/docs-json').expect(200);
    await app.http.get('/metrics').expect(200);
  });

  it('serves reads as soon as the read side alone is back, while writes still answer 503', async () => {
    await read.open(readPort);
    await untilStatus(() => app.http.get('/products?limit=1'), 200);
    await app.http.post('/products').send({ name, price: 1 }).expect(503);
  });

  it('recovers by itself when the write side is back too', async () => {
    await write.open(writePort);
    await app.untilReady(recoveryBoundMs);
    await app.http.post('/products').send({ name, price: 1 }).expect(201);
  });

  it('holds no more connections than a service that found its database at once', async () => {
    await sleep(settleMs);
    expect(read.connections).toBeLessThanOrEqual(warmReadConnections);
  });

  it('answers 503 and stays ready when the database goes away later', async () => {
    await Promise.all([write.close(), read.close()]);
    await app.http.get('/products').expect(503);
    await app.http.post('/products').send({ name, price: 1 }).expect(503);
    // All instances share the database, so taking them out of the load balancer would help nobody.
    await app.http.get('/health/ready').expect(200);
  });

  it('recovers by itself when the database is back again', async () => {
    await Promise.all([write.open(writePort), read.open(readPort)]);
    await untilStatus(() => app.http.get('/products?limit=1'), 200);
    await untilStatus(() => app.http.post('/products').send({ name, price: 1 }), 201);
  });

  async function untilStatus(send: () => PromiseLike<{ status: number }>, status: number): Promise<void> {
    await until({ what: `an answer with ${status}`, boundMs: recoveryBoundMs }, async () => {
      const response = await send();
      return response.status === status ? true : undefined;
    });
  }
});
