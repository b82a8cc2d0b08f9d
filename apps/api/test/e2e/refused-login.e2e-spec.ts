import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestApp } from '../support/app.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const password = 'no-such-password';
const refusedWithinMs = 2_000;
const bootBoundMs = 15_000;
/** Two rounds of the attempts to connect. */
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
