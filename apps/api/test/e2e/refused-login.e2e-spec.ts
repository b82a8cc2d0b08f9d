import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestApp } from '../support/app.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { deleteProducts } from '../support/products.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab as settings, openLab } from '../../../../libs/chaos/test/support/settings.js';
import { CommitBreaker, type CommitFault } from '../support/tcp.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const password = 'no-such-password';
const refusedWithinMs = 2_000;
const bootBoundMs = 15_000;
/** Time for two rounds of attempts to connect. */
const settleMs = 1_000;

describe('A service that PostgreSQL refuses', () => {
  it.each([
    ['its password is another', { DB_PASSWORD: password, DB_OWNER_PASSWORD: '' }, '28P01'],
    ['there is no such database', { DB_NAME: 'no_such_database', DB_OWNER_PASSWORD: '' }, '3D000'],
  ])(
    'says so at once in every answer, and is not ready: %s',
    async (_, overrides, sqlState) => {
      const app = await TestApp.boot(overrides);
      try {
        const expected = { code: 'database_access_refused', detail: expect.stringContaining(sqlState) };
        await until({ what: 'the first refusal', boundMs: bootBoundMs }, async () => {
          const { body } = await app.http.get('/products?limit=1');
          return (body as { code: string }).code === expected.code ? true : undefined;
        });
        await sleep(settleMs);
        const startedMs = performance.now();
        const answers = await Promise.all([
          app.http.post('/products').send({ name: 'never stored', price: 1 }),
          app.http.get('/products?limit=1'),
          app.http.get('/products?limit=1').set('Read-Consistency', 'strong'),
          app.http.get('/cluster/replication'),
        ]);
        expect(performance.now() - startedMs).toBeLessThan(refusedWithinMs);
        for (const { status, body, headers, text } of answers) {
          expect([status, body]).toEqual([503, expect.objectContaining(expected)]);
          expect(Number(headers['retry-after'])).toBeGreaterThan(0);
          expect(text).not.toContain(password);
        }
        const message = `database_access_refused (${sqlState})`;
        const { body } = await app.http.get('/health').expect(503);
        expect(body).toMatchObject({ details: { write: { message }, read: { message }, replication: { message } } });
        await app.http.get('/health/ready').expect(503);
      } finally {
        await app.close();
      }
    },
    30_000,
  );
});

describe('A write whose COMMIT was not answered, and whose next attempt is refused the login', () => {
  const lab = openLab();
  const name = uniqueName('refused');
  const role = name.replaceAll('-', '_');
  const key = { 'Idempotency-Key': name };

  it('is of unknown outcome, and is found by its key once the login is back', async () => {
    let fault: CommitFault | undefined;
    const breaker = new CommitBreaker(settings.writePort, () => fault);
    const port = await breaker.open();
    const leader = await lab.leader();
    await psql(leader, `CREATE ROLE ${role} LOGIN PASSWORD '${password}' IN ROLE app_user`);
    // With one connection for writes, the next attempt has to log in.
    const app = await TestApp.boot({
      DB_WRITE_PORT: String(port),
      DB_WRITE_POOL_SIZE: '1',
      DB_USER: role,
      DB_PASSWORD: password,
      DB_OWNER_PASSWORD: '',
    });
    const create = () => app.http.post('/products').set(key).send({ name, price: 1 });
    try {
      await app.untilReady();
      await app.http.post('/products').send({ name, price: 2 }).expect(201);
      await psql(leader, `ALTER ROLE ${role} NOLOGIN`);
      fault = 'swallow-answer';
      const { status, body, headers } = await create();
      expect([status, body]).toEqual([503, expect.objectContaining({ code: 'write_outcome_unknown' })]);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);

      fault = undefined;
      const refused = { code: 'database_access_refused', detail: expect.stringContaining('has written nothing') };
      expect((await app.http.post('/products').send({ name, price: 3 })).body).toMatchObject(refused);
      await psql(leader, `ALTER ROLE ${role} LOGIN`);
      const again = await until({ what: 'the login is back', boundMs: bootBoundMs }, async () => {
        const answer = await create();
        return answer.status === 503 ? undefined : answer;
      });
      expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, 'true']);
    } finally {
      await app.close();
      await breaker.close();
      await deleteProducts(name);
      await psql(leader, `DROP ROLE ${role}`);
    }
  }, 60_000);
});
