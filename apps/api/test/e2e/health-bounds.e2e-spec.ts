import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, useApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab } from '../../../../libs/chaos/test/support/settings.js';
import { SilentServer } from '../support/tcp.js';
import { deleteProducts } from '../support/products.js';

/** Far more than a busy machine takes for an answer that waits for nothing. */
const timeoutMs = 3_000;
const marginMs = 2_500;
/** What would be waited for without that bound. */
const othersMs = 9_000;

describe('A node that accepts connections and never answers', () => {
  const silent = new SilentServer();
  let app: TestApp;

  beforeAll(async () => {
    const port = String(await silent.open());
    app = await TestApp.boot({
      DB_WRITE_PORT: port,
      DB_READ_PORT: port,
      PATRONI_URLS: `http://127.0.0.1:${port}`,
      HEALTH_TIMEOUT_MS: String(timeoutMs),
      PATRONI_TIMEOUT_MS: String(othersMs),
      DB_CONNECT_TIMEOUT_MS: String(othersMs),
    });
  });

  afterAll(async () => {
    await silent.close();
    await app.close();
  });

  it('does not delay /health beyond its bound: each indicator gives up on its own', async () => {
    const startedMs = performance.now();
    const { body } = await app.http.get('/health').expect(503);
    expect(performance.now() - startedMs).toBeLessThan(timeoutMs + marginMs);
    expect(body).toMatchObject({ status: 'error', details: { patroni: { status: 'down' } } });
  });

  it('does not delay /health/live', async () => {
    const startedMs = performance.now();
    await app.http.get('/health/live').expect(200);
    expect(performance.now() - startedMs).toBeLessThan(marginMs);
  });
});

describe('GET /health, when replication is further behind than is configured', () => {
  const name = uniqueName('health-bounds');
  const app = useApp({ HEALTH_MAX_LAG_SECONDS: '0', HEALTH_MAX_LAG_BYTES: '0' });

  it('says degraded, and still answers 200', async () => {
    // With a bound of zero a write in flight is enough; several looks make sure to meet one.
    const words = new Set<string>();
    for (let look = 0; look < 40 && !words.has('degraded'); look += 1) {
      const [{ text, status }] = await Promise.all([
        app().http.get('/health/simple'),
        app().http.post('/products').send({ name, price: 1 }),
      ]);
      expect(status).toBe(200);
      words.add(text);
    }
    expect(words).toContain('degraded');
  });

  afterAll(() => deleteProducts(name));
});

describe('A Patroni member that hangs', () => {
  const silent = new SilentServer();
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.boot({
      PATRONI_URLS: `http://127.0.0.1:${await silent.open()},${lab.patroniUrls[1]}`,
      PATRONI_TIMEOUT_MS: String(othersMs),
    });
    await app.untilReady();
  });

  afterAll(async () => {
    await silent.close();
    await app.close();
  });

  it('is not waited for while another one answers', async () => {
    const startedMs = performance.now();
    const { body } = await app.http.get('/cluster').expect(200);
    expect(performance.now() - startedMs).toBeLessThan(marginMs);
    expect(body).toMatchObject({ leader: expect.stringMatching(/^patroni[123]$/) });
  });
});
