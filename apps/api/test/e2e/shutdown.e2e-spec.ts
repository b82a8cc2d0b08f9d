import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { getDataSourceToken } from '@nestjs/typeorm';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { TestApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { lab } from '../../../../libs/chaos/test/support/settings.js';
import { deleteProducts } from '../support/products.js';

const holder = new pg.Client(lab.sql);
const name = uniqueName('shutdown');
const boundMs = 15_000;
const holdMs = 500;

beforeAll(() => holder.connect());
afterAll(async () => {
  await holder.end();
  await deleteProducts(name);
});

describe('A service that is told to stop', () => {
  it('finishes the request in flight, then closes its port and every connection', async () => {
    const app = await TestApp.boot();
    await app.untilReady();
    const { body } = await app.http.post('/products').send({ name, price: 1 }).expect(201);
    const { id } = body as { id: number };
    const write = app.nest.get<DataSource>(getDataSourceToken('write'));

    // The row is locked, so the change waits in the database while the service is stopped.
    await holder.query('BEGIN');
    await holder.query('SELECT FROM products WHERE id = $1 FOR UPDATE', [id]);
    const answered = Promise.resolve(app.http.put(`/products/${id}`).send({ name, price: 2 }));
    await untilWaitingForALock();
    const closed = app.close();
    // Long enough that a service that does not wait for its requests would have ended.
    await sleep(holdMs);
    await holder.query('COMMIT');

    const response = await answered;
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ id, price: 2 });
    await closed;
    expect(write.isInitialized).toBe(false);
    await expect(fetch(`${app.url}/health/live`)).rejects.toThrow();
  });
});

async function untilWaitingForALock(): Promise<void> {
  const waiting = "SELECT FROM pg_stat_activity WHERE application_name = 'api-write' AND wait_event_type = 'Lock'";
  await until({ what: waiting, boundMs, everyMs: 30 }, async () =>
    (await holder.query(waiting)).rowCount === 0 ? undefined : true,
  );
}
