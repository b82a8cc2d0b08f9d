import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { deleteProducts } from '../support/products.js';

const app = useApp();
const prefix = uniqueName('products');
const rfc3339Utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Reads are eventual: a replica may lag behind the write that a test has just made. */
const replicaBoundMs = 5_000;

afterAll(() => deleteProducts(prefix));

async function create(name: string, price: number): Promise<number> {
  const { body } = await app().http.post('/products').send({ name, price }).expect(201);
  return (body as { id: number }).id;
}

/** Asks until the answer has the wanted status three times in a row, so that both replicas have been asked. */
async function untilReplicated(path: string, status: number): Promise<void> {
  let inARow = 0;
  await until({ what: `GET ${path} answers ${status}`, boundMs: replicaBoundMs, everyMs: 20 }, async () => {
    const response = await app().http.get(path);
    inARow = response.status === status ? inARow + 1 : 0;
    return inARow === 3 ? true : undefined;
  });
}

describe('A product', () => {
  it('is created on the leader, with a Location that leads to it', async () => {
    const response = await app()
      .http.post('/products')
      .send({ name: `${prefix} laptop`, price: 999.99 })
      .expect(201);
    expect(response.body).toEqual({
      id: expect.any(Number),
      name: `${prefix} laptop`,
      price: 999.99,
      createdAt: expect.stringMatching(rfc3339Utc),
      updatedAt: expect.stringMatching(rfc3339Utc),
      servedByNode: expect.stringMatching(/^[\d.:a-f]+$/),
      servedBy: { member: expect.stringMatching(/^patroni[123]$/), role: 'leader' },
    });
    const { id } = response.body as { id: number };
    expect(response.headers['location']).toBe(`/products/${id}`);
    expect(response.headers['served-by']).toMatch(/^patroni[123]; leader$/);
    await untilReplicated(`/products/${id}`, 200);
  });

  it('is read from a replica', async () => {
    const id = await create(`${prefix} read`, 1);
    await untilReplicated(`/products/${id}`, 200);
    const response = await app().http.get(`/products/${id}`).expect(200);
    expect(response.body).toMatchObject({ id, price: 1, servedBy: { role: 'replica' } });
    expect(response.headers['served-by']).toMatch(/^patroni[123]; replica$/);
  });

  it('is stored with its exact name and price', async () => {
    const name = `${prefix} Ωmega "quoted" \\ 😀`;
    const { body } = await app().http.post('/products').send({ name, price: 9_999_999_999.99 }).expect(201);
    expect(body).toMatchObject({ name, price: 9_999_999_999.99 });
  });

  it('is changed on the leader and keeps its id and creation time', async () => {
    const created = await app()
      .http.post('/products')
      .send({ name: `${prefix} old`, price: 1 })
      .expect(201);
    const { id, createdAt, updatedAt } = created.body as { id: number; createdAt: string; updatedAt: string };
    const changed = await app()
      .http.put(`/products/${id}`)
      .send({ name: `${prefix} new`, price: 2.5 })
      .expect(200);
    expect(changed.body).toMatchObject({ id, createdAt, name: `${prefix} new`, price: 2.5 });
    expect((changed.body as { updatedAt: string }).updatedAt > updatedAt).toBe(true);
    expect(changed.headers['served-by']).toMatch(/; leader$/);
  });

  it('is deleted on the leader, and is then gone from every replica', async () => {
    const id = await create(`${prefix} gone`, 1);
    const response = await app().http.delete(`/products/${id}`).expect(204);
    expect(response.text).toBe('');
    await app().http.delete(`/products/${id}`).expect(404);
    await untilReplicated(`/products/${id}`, 404);
  });
});

describe('The list of products', () => {
  const ids: number[] = [];

  beforeAll(async () => {
    for (let number = 1; number <= 5; number += 1) ids.push(await create(`${prefix} page ${number}`, number));
    await untilReplicated(`/products/${ids[4]}`, 200);
  });

  it('gives every row once and in order when it is read page by page', async () => {
    const seen: number[] = [];
    let after: number | null = Number(ids[0]) - 1;
    for (let pages = 0; after !== null && seen.length < ids.length && pages < 100; pages += 1) {
      const { body } = await app().http.get(`/products?limit=2&after=${after}`).expect(200);
      const page = body as { items: { id: number }[]; nextAfter: number | null };
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ id }) => id));
      after = page.nextAfter;
    }
    // Other test files write products at the same time, so rows of theirs may lie between ours.
    expect(seen.filter((id) => ids.includes(id))).toEqual(ids.filter((id) => seen.includes(id)));
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('ends with nextAfter null', async () => {
    const { body } = await app().http.get('/products?after=2147483647').expect(200);
    expect(body).toMatchObject({ items: [], nextAfter: null });
  });

  it('says who served it', async () => {
    const { body } = await app().http.get('/products?limit=1').expect(200);
    expect(body).toMatchObject({
      servedByNode: expect.any(String),
      servedBy: { member: expect.stringMatching(/^patroni[123]$/), role: 'replica' },
    });
  });

  it('holds 20 by default and at most 100', async () => {
    const { body } = await app().http.get('/products').expect(200);
    expect((body as { items: unknown[] }).items.length).toBeLessThanOrEqual(20);
    await app().http.get('/products?limit=100').expect(200);
    await app().http.get('/products?limit=101').expect(400);
  });
});
