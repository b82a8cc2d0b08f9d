import { afterAll, describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';
import { deleteProducts } from '../support/products.js';

const app = useApp();
const lab = openLab();
const name = uniqueName('replication');

/** Generous: on an idle cluster it is a matter of milliseconds. */
const replicationBoundMs = 5_000;

/** The pool opens connections ahead of need, one round a second, until it reaches both replicas. */
const warmUpBoundMs = 5_000;

afterAll(() => deleteProducts(name));

describe('A row', () => {
  it('written through the service arrives on both replicas', async () => {
    await app().http.post('/products').send({ name, price: 12.34 }).expect(201);
    for (const replica of await lab.replicas()) {
      const rows = await until(
        { what: `the row on ${replica}`, boundMs: replicationBoundMs, everyMs: 20 },
        async () => {
          const found = await psql(replica, `SELECT pg_is_in_recovery(), price FROM products WHERE name = '${name}'`);
          return found.length > 0 ? found : undefined;
        },
      );
      expect(rows).toEqual(['t|12.34']);
    }
  });
});

describe('Reads', () => {
  it('are spread over both replicas, also when they come one after the other', async () => {
    const replicas = await lab.replicas();
    await until({ what: 'connections to both replicas', boundMs: warmUpBoundMs }, async () => {
      const seen = new Set([await servedBy(), await servedBy(), await servedBy(), await servedBy()]);
      return seen.size === 2 ? true : undefined;
    });
    const members: string[] = [];
    for (let call = 0; call < 20; call += 1) members.push(await servedBy());
    expect(new Set(members)).toEqual(new Set(replicas));
    const ofFirst = members.filter((member) => member === replicas[0]).length;
    expect(ofFirst).toBeGreaterThanOrEqual(8);
    expect(ofFirst).toBeLessThanOrEqual(12);
  });

  async function servedBy(): Promise<string> {
    const { body } = await app().http.get('/products?limit=1').expect(200);
    return (body as { servedBy: { member: string } }).servedBy.member;
  }
});
