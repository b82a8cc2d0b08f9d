import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IdempotencyPruner } from '../../../../libs/postgres-ha/src/index.js';
import { useApp } from '../support/app.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';
import { countProducts, deleteProducts } from '../support/products.js';

const app = useApp();
const other = useApp();
const lab = openLab();
const name = uniqueName('idempotency');

afterAll(() => deleteProducts(name));

const post = (key: string, body: object, to = app) =>
  to().http.post('/products').set('Idempotency-Key', key).send(body);
const rows = async (rowName: string) => (await countProducts(rowName)).get(rowName) ?? 0;

describe('Idempotency-Key', () => {
  it('gives a repeated create the answer of the first, on either instance, and one row is written', async () => {
    const [key, body] = [randomUUID(), { name: `${name} once`, price: 1 }];
    const first = await post(key, body).expect(201);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    for (const instance of [app, other]) {
      const again = await post(key, body, instance).expect(201);
      expect(again.body).toEqual(first.body);
      expect(again.headers['location']).toBe(first.headers['location']);
      expect(again.headers['idempotent-replayed']).toBe('true');
      expect(again.headers['consistency-token']).toBeDefined();
    }
    expect(await rows(body.name)).toBe(1);
  });

  it('counts replays in the database, so that they are as durable as the first answer', async () => {
    const [key, body] = [randomUUID(), { name: `${name} counted`, price: 1 }];
    await post(key, body).expect(201);
    await post(key, body).expect(201);
    await post(key, body).expect(201);
    const sql = `SELECT replays FROM idempotency_keys WHERE scope = 'POST /products' AND key = '${key}'`;
    expect(await psql(await lab.leader(), sql)).toEqual(['2']);
  });

  it('is the same with the members of the body in another order, and with the key in quotes', async () => {
    const key = randomUUID();
    const first = await post(key, { name: `${name} order`, price: 1 }).expect(201);
    const again = await post(`"${key}"`, { price: 1, name: `${name} order` }).expect(201);
    expect(again.body).toEqual(first.body);
  });

  it('refuses a key that was used for another body with 422', async () => {
    const key = randomUUID();
    await post(key, { name: `${name} first`, price: 1 }).expect(201);
    const { body } = await post(key, { name: `${name} second`, price: 1 }).expect(422);
    expect(body).toMatchObject({ code: 'idempotency_key_reused' });
    expect(await rows(`${name} second`)).toBe(0);
  });

  it('refuses a key that was used for another row of the same route with 422', async () => {
    const key = randomUUID();
    const [one, two] = [await post(randomUUID(), { name, price: 1 }), await post(randomUUID(), { name, price: 1 })];
    const remove = (path: unknown) => app().http.delete(String(path)).set('Idempotency-Key', key);
    await remove(one.headers['location']).expect(204);
    await remove(two.headers['location']).expect(422);
    await remove(one.headers['location']).expect(204);
  });

  it('may be used again on another route, where it is another key', async () => {
    const key = randomUUID();
    const created = await post(key, { name: `${name} route`, price: 1 }).expect(201);
    const path = String(created.headers['location']);
    const updated = await app()
      .http.put(path)
      .set('Idempotency-Key', key)
      .send({ name: `${name} route`, price: 2 })
      .expect(200);
    expect(updated.body).toMatchObject({ price: 2 });
  });

  it('repeats the refusal to delete a row that does not exist', async () => {
    const key = randomUUID();
    const remove = () => app().http.delete('/products/2147483647').set('Idempotency-Key', key);
    const first = await remove().expect(404);
    const again = await remove().expect(404);
    expect(first.body).toMatchObject({ code: 'product_not_found' });
    expect(again.body).toMatchObject({ code: 'product_not_found', detail: (first.body as { detail: string }).detail });
  });

  it('repeats the success of a delete, although the row is gone', async () => {
    const { body } = await post(randomUUID(), { name: `${name} gone`, price: 1 }).expect(201);
    const { id } = body as { id: number };
    const key = randomUUID();
    const remove = () => app().http.delete(`/products/${id}`).set('Idempotency-Key', key);
    await remove().expect(204);
    const again = await remove().expect(204);
    expect(again.headers['idempotent-replayed']).toBe('true');
    await app().http.delete(`/products/${id}`).expect(404);
  });

  it('stores and repeats whatever characters an answer holds', async () => {
    const hostile = `${name} '; DROP TABLE products; -- \\' \u0001 $1 \u{1F418}`;
    const [key, body] = [randomUUID(), { name: hostile, price: 1 }];
    const first = await post(key, body).expect(201);
    const again = await post(key, body).expect(201);
    expect(first.body).toMatchObject({ name: hostile });
    expect(again.body).toEqual(first.body);
  });

  it('is not used up by a request that fails validation: the corrected request succeeds', async () => {
    const key = randomUUID();
    await post(key, { name: `${name} corrected`, price: -1 }).expect(400);
    await post(key, { name: `${name} corrected`, price: 1 }).expect(201);
  });

  it.each(['', 'two words', 'x'.repeat(256)])('is refused with 400 when it is malformed: case %#', async (key) => {
    const { body } = await post(key, { name: `${name} malformed`, price: 1 }).expect(400);
    expect(body).toMatchObject({ code: 'idempotency_key_malformed' });
    expect(await rows(`${name} malformed`)).toBe(0);
  });

  it('lets twenty requests that arrive at once on both instances write one row', async () => {
    const [key, body] = [randomUUID(), { name: `${name} race`, price: 1 }];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => post(key, body, index % 2 ? app : other)),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].every((status) => status === 201 || status === 409)).toBe(true);
    const bodies = answers.filter(({ status }) => status === 201).map(({ text }) => text);
    expect(new Set(bodies).size).toBe(1);
    expect(await rows(body.name)).toBe(1);
  });

  it('answers 409 while the first request is still being worked on', async () => {
    const [key, body] = [randomUUID(), { name: `${name} in flight`, price: 1 }];
    const leader = await lab.leader();
    const lock = `SELECT pg_advisory_lock(hashtextextended('POST /products ' || '${key}', 0)), pg_sleep(6)`;
    const held = psql(leader, lock);
    const isHeld = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended('POST /products ' || '${key}', 0)`;
    await until({ what: 'the lock', boundMs: 5_000 }, async () =>
      (await psql(leader, isHeld)).length > 0 ? true : undefined,
    );
    const answer = await post(key, body).expect(409);
    expect(answer.body).toMatchObject({ code: 'idempotency_key_in_flight' });
    await held;
    await post(key, body).expect(201);
    expect(await rows(body.name)).toBe(1);
  }, 30_000);
});

describe('A key that was stored before fingerprints had a version', () => {
  const key = randomUUID();
  const body = { name: `${name} unversioned`, price: 1 };
  let first: Awaited<ReturnType<typeof post>>;

  beforeAll(async () => {
    first = await post(key, body).expect(201);
    const sql = `UPDATE idempotency_keys SET fingerprint = substring(fingerprint FROM 2)
      WHERE scope = 'POST /products' AND key = '${key}' RETURNING octet_length(fingerprint)`;
    expect(await psql(await lab.leader(), sql)).toEqual(['32']);
  });

  it('is answered with the stored answer when the same request comes again, and nothing is written', async () => {
    const again = await post(key, body).expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await rows(body.name)).toBe(1);
  });

  it('is refused with 422 for another body', async () => {
    const again = await post(key, { ...body, price: 2 }).expect(422);
    expect(again.body).toMatchObject({ code: 'idempotency_key_reused' });
    expect(await rows(body.name)).toBe(1);
  });
});

describe('Keys whose time is over', () => {
  it('are deleted, in batches, and all others are kept', async () => {
    const leader = await lab.leader();
    const insert = `INSERT INTO idempotency_keys (scope, key, fingerprint, status, headers, kept_until)
      SELECT 'test', '${name}-' || n, '', 201, '{}', now() + CASE WHEN n <= 2500 THEN interval '-1 s' ELSE '1 h' END
      FROM generate_series(1, 2600) AS n`;
    await psql(leader, insert);
    const pruner = app().nest.get(IdempotencyPruner);
    await pruner.prune();
    const count = `SELECT count(*) FROM idempotency_keys WHERE scope = 'test' AND starts_with(key, '${name}')`;
    expect(await psql(leader, count)).toEqual(['100']);
    await psql(leader, `DELETE FROM idempotency_keys WHERE scope = 'test' AND starts_with(key, '${name}')`);
  });
});
