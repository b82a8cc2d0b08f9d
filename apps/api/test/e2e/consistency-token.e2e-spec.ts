import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Position, TokenCodec } from '../../../../libs/postgres-ha/src/index.js';
import { useApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { appEnvironment } from '../support/environment.js';
import { countProducts, deleteProducts } from '../support/products.js';

const app = useApp();
const name = uniqueName('token');
const secret = appEnvironment().CONSISTENCY_TOKEN_SECRET;
const codec = new TokenCodec([{ secret }], 300);
const position: Position = { timeline: 1, floor: 0n, ceiling: 1n, asynchronous: false, leaderOnly: false };

let id: number;
let token: string;

beforeAll(async () => {
  const created = await app().http.post('/products').send({ name, price: 1 }).expect(201);
  id = (created.body as { id: number }).id;
  token = String(created.headers['consistency-token']);
});
afterAll(() => deleteProducts(name));

const get = (headers: Record<string, string>) => app().http.get(`/products/${id}`).set(headers);

describe('Consistency-Token', () => {
  it('comes with every write, compact and safe in a URL', async () => {
    expect(token).toMatch(/^[\w-]{67}$/);
    const updated = await app().http.put(`/products/${id}`).send({ name, price: 2 }).expect(200);
    expect(updated.headers['consistency-token']).toMatch(/^[\w-]{67}$/);
    const other = await app().http.post('/products').send({ name, price: 1 });
    const removed = await app().http.delete(String(other.headers['location'])).expect(204);
    expect(removed.headers['consistency-token']).toMatch(/^[\w-]{67}$/);
  });

  it('holds the id of the cluster, and a floor and a ceiling between which the write lies', () => {
    const { position: written, systemId } = codec.decode(token);
    expect(systemId).toBeGreaterThan(0n);
    expect(written.ceiling).toBeGreaterThan(written.floor);
    expect(written).toMatchObject({ asynchronous: false, leaderOnly: false });
  });

  it('comes with a session read, and its position never goes back', async () => {
    let last = token;
    for (let read = 0; read < 10; read += 1) {
      const { headers } = await get({ 'Consistency-Token': last }).expect(200);
      const next = String(headers['consistency-token']);
      expect(codec.decode(next).position.ceiling).toBeGreaterThanOrEqual(codec.decode(last).position.ceiling);
      last = next;
    }
  });

  it('does not come with an eventual read, which promises nothing', async () => {
    const { headers } = await get({ 'Read-Consistency': 'eventual' }).expect(200);
    expect(headers['consistency-token']).toBeUndefined();
  });

  it('may be sent several times in one request, and all of them count', async () => {
    const other = await app().http.post('/products').send({ name, price: 3 }).expect(201);
    const both = `${token}, ${String(other.headers['consistency-token'])}`;
    await app().http.get(String(other.headers['location'])).set('Consistency-Token', both).expect(200);
  });

  it.each([
    ['malformed', 'rubbish', 'consistency_token_malformed'],
    ['empty', '', 'consistency_token_malformed'],
    ['forged', new TokenCodec([{ secret: 'x'.repeat(32) }], 300).encode(1n, position), 'consistency_token_forged'],
    ['expired', new TokenCodec([{ secret }], 300, () => 1_000).encode(1n, position), 'consistency_token_expired'],
    ['foreign', codec.encode(1n, position), 'consistency_token_foreign'],
  ])('is refused with 400 when it is %s, by reads and by writes', async (_, value, code) => {
    const read = await get({ 'Consistency-Token': value }).expect(400);
    expect(read.body).toMatchObject({ code });
    const written = await app()
      .http.post('/products')
      .set('Consistency-Token', value)
      .send({ name, price: 9 })
      .expect(400);
    expect(written.body).toMatchObject({ code });
    const counts = await countProducts(name);
    const again = await app().http.post('/products').set('Consistency-Token', value).send({ name, price: 9 });
    expect(again.status).toBe(400);
    expect(await countProducts(name)).toEqual(counts);
  });
});

describe('Read-Consistency', () => {
  it.each([
    ['eventual', /^patroni\d; replica$/],
    ['session', /^patroni\d; replica$/],
    ['bounded; max-staleness=2000', /^patroni\d; replica$/],
    ['strong', /^patroni\d; leader$/],
  ])('%s is answered by %s', async (mode, servedBy) => {
    const { headers } = await get({ 'Read-Consistency': mode }).expect(200);
    expect(headers['served-by']).toMatch(servedBy);
  });

  it('is refused with 400 when it is not understood', async () => {
    const { body } = await get({ 'Read-Consistency': 'fresh' }).expect(400);
    expect(body).toMatchObject({ code: 'read_consistency_invalid' });
  });
});

describe('GET /metrics', () => {
  it('counts reads by mode and reason, waits, fallbacks, rejections and lost writes', async () => {
    await get({ 'Read-Consistency': 'strong' }).expect(200);
    const { text } = await app().http.get('/metrics').expect(200);
    expect(text).toMatch(/^pgha_reads_total\{mode="strong",reason="leader"\} [1-9]/m);
    for (const metric of [
      'pgha_read_consistency_wait_seconds',
      'pgha_read_fallbacks_total',
      'pgha_read_cap_rejections_total',
      'pgha_acknowledged_writes_lost_total',
    ]) {
      expect(text).toContain(`# TYPE ${metric} `);
    }
  });
});
