import { getDataSourceToken } from '@nestjs/typeorm';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { ReadFacade } from '../../../../libs/postgres-ha/src/nest/index.js';
import { useApp, type TestApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab } from '../../../../libs/chaos/test/support/settings.js';
import { countProducts, deleteProducts } from '../support/products.js';

const prefix = 'read-only';

// Finds nothing to delete as long as the claims below hold.
afterAll(() => deleteProducts(`test-${prefix}`));

const insert = (name: string) => `INSERT INTO products (name, price) VALUES ('${name}', 1)`;

describe.each([
  ['behind :5001, on a replica', 'replica', {}],
  // When HAProxy falls back to the leader, PostgreSQL alone would not refuse the write.
  ['on the leader', 'leader', { DB_READ_PORT: String(lab.writePort) }],
] as const)('The read side %s', (_, role, overrides) => {
  const app = useApp(overrides);

  it(`reads from a ${role}`, async () => {
    const { body } = await app().http.get('/products?limit=1').expect(200);
    expect(body).toMatchObject({ servedBy: { role } });
  });

  it('refuses a write through its DataSource with 25006', async () => {
    const name = uniqueName(prefix);
    await expect(readDataSource(app()).query(insert(name))).rejects.toMatchObject({ driverError: { code: '25006' } });
    await expectNotStored(name);
  });

  it('refuses a write in a transaction as well', async () => {
    const name = uniqueName(prefix);
    const write = readDataSource(app()).transaction((manager) => manager.query(insert(name)));
    await expect(write).rejects.toMatchObject({ driverError: { code: '25006' } });
    await expectNotStored(name);
  });

  it('refuses a write through the façade as the problem read_only', async () => {
    const name = uniqueName(prefix);
    const write = app()
      .nest.get(ReadFacade)
      .run((manager) => manager.query(insert(name)));
    await expect(write).rejects.toMatchObject({ name: 'PostgresHaError', code: 'read_only', status: 500 });
    await expectNotStored(name);
  });

  it('goes on reading after a refused write', async () => {
    await app().http.get('/products?limit=1').expect(200);
  });
});

const readDataSource = (app: TestApp): DataSource => app.nest.get<DataSource>(getDataSourceToken('read'));

async function expectNotStored(name: string): Promise<void> {
  const stored = await countProducts(name);
  expect(stored.size).toBe(0);
}
