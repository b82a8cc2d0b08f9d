import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  createPostgresHa,
  exactlyOnce,
  type PostgresHa,
  postgresTimelines,
} from '../../../../libs/postgres-ha/src/index.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { postgresHaSettings } from '../../src/config/postgres-ha.settings.js';
import { appEnvironment } from '../support/environment.js';
import { countProducts, deleteProducts } from '../support/products.js';

const name = uniqueName('core');
const readyBoundMs = 30_000;
const insert = 'INSERT INTO products (name, price) VALUES ($1, 1) RETURNING id';
const keys = { schema: 'public' };

afterAll(() => deleteProducts(name));

describe('The data layer without Nest and without TypeORM', () => {
  let ha: PostgresHa;

  beforeAll(async () => {
    ha = createPostgresHa(postgresHaSettings(appEnvironment())).start();
    await until({ what: 'the data layer is ready', boundMs: readyBoundMs }, () => (ha.isReady ? true : undefined));
  });
  afterAll(() => ha.stop());

  const write = (key: string, product = name) =>
    ha.write(async (client) => (await client.query<{ id: number }>(insert, [product])).rows[0]?.id, {
      key: { scope: name, key, request: product },
    });

  it('shows a client that sends its token back what it has written, on whichever node', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { value: id, token } = await write(`shown-${round}`);
      const seen = await ha.query(
        { name: 'by-id', text: 'SELECT id FROM products WHERE id = $1', values: [id] },
        { token },
      );
      expect(seen.value).toEqual([{ id }]);
    }
  });

  it('writes once for one key, and tells the second caller that it was there', async () => {
    const first = await write('once');
    const second = await write('once');
    expect([first.isReplay, second.isReplay, second.value]).toEqual([false, true, first.value]);
    await expect(write('once', `${name}-other`)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('knows the history of timelines from PostgreSQL as Patroni tells it', async () => {
    const answer = await fetch(`${settings.patroniUrls[0]}/history`);
    const told = (await answer.json()) as readonly (readonly [timeline: number, lsn: number])[];
    const known = await postgresTimelines(ha.pools).endedTimelines();
    expect(known).toEqual(told.map(([timeline, lsn]) => ({ timeline, lsn: BigInt(lsn) })));
  });
});

describe('exactlyOnce, in a transaction of the caller', () => {
  const clients: pg.Client[] = [];
  const connect = async () => {
    const client = new pg.Client(settings.sql);
    await client.connect();
    clients.push(client);
    return client;
  };
  afterAll(() => Promise.all(clients.map((client) => client.end())));

  async function once(client: pg.Client, key: string, product: string, end: 'COMMIT' | 'ROLLBACK' = 'COMMIT') {
    await client.query('BEGIN; SET LOCAL lock_timeout = 300');
    try {
      const work = async () => (await client.query<{ id: number }>(insert, [product])).rows[0]?.id;
      const done = await exactlyOnce(client, { scope: name, key, request: product }, work, keys);
      await client.query(end);
      return done;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  }

  it('keeps neither the write nor its key when the transaction is rolled back, and does it at the next try', async () => {
    const client = await connect();
    const product = `${name}-rolled-back`;
    await once(client, 'rolled-back', product, 'ROLLBACK');
    const { value, isReplay } = await once(client, 'rolled-back', product);
    expect(isReplay).toBe(false);
    expect(await once(client, 'rolled-back', product)).toEqual({ value, isReplay: true });
    expect((await countProducts(product)).get(product)).toBe(1);
  });

  it('refuses the same key for something else, and a key that another transaction works on', async () => {
    const [client, other] = [await connect(), await connect()];
    await once(client, 'taken', name);
    await expect(once(other, 'taken', `${name}-other`)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    await client.query('BEGIN');
    await exactlyOnce(client, { scope: name, key: 'busy' }, () => Promise.resolve(null), keys);
    await expect(once(other, 'busy', name)).rejects.toMatchObject({ code: 'idempotency_key_in_flight' });
    await client.query('ROLLBACK');
  });
});
