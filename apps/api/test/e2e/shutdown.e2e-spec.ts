import { afterAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { TestApp } from '../support/app.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';
import { deleteProducts } from '../support/products.js';

const lab = openLab();
const name = uniqueName('shutdown');
const boundMs = 5_000;

afterAll(() => deleteProducts(name));

describe('A service that is told to stop', () => {
  it('finishes the request in flight, then closes its port and every connection', async () => {
    const app = await TestApp.boot();
    await app.untilReady();
    const { body } = await app.http.post('/products').send({ name, price: 1 }).expect(201);
    const { id } = body as { id: number };
    const write = app.nest.get<DataSource>(getDataSourceToken('write'));

    // The row is locked, so the change waits in the database while the service is stopped.
    const leader = await lab.leader();
    const locked = psql(
      leader,
      `BEGIN; SELECT FROM products WHERE id = ${id} FOR UPDATE; SELECT pg_sleep(1.5); COMMIT`,
    );
    await untilCount(leader, "query LIKE '%FOR UPDATE%' AND wait_event = 'PgSleep'", 1);
    const change = app.http.put(`/products/${id}`).send({ name, price: 2 });
    const answered = Promise.resolve(change);
    await untilCount(leader, "application_name = 'api-write' AND wait_event_type = 'Lock'", 1);
    const closed = app.close();

    const response = await answered;
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ id, price: 2 });
    await Promise.all([closed, locked]);
    expect(write.isInitialized).toBe(false);
    await expect(fetch(`${app.url}/health/live`)).rejects.toThrow();
  });
});

async function untilCount(member: string, condition: string, count: number): Promise<void> {
  await until({ what: condition, boundMs, everyMs: 30 }, async () => {
    const [found] = await psql(
      member,
      `SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND ${condition}`,
    );
    return Number(found) >= count ? true : undefined;
  });
}
