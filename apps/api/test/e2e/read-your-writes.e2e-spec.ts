import { afterAll, describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { deleteProducts } from '../support/products.js';

const app = useApp();
const name = uniqueName('read-your-writes');
const lsn = expect.stringMatching(/^[\dA-F]+\/[\dA-F]+$/);

afterAll(() => deleteProducts(name));

interface Sighting {
  readonly found: boolean;
  readonly lagBytes: number;
}

describe('POST /products/read-your-writes-demo', () => {
  it('shows the new row and what each kind of read saw of it, with node, LSN and time', async () => {
    const { body } = await app().http.post('/products/read-your-writes-demo').send({ name, price: 5 }).expect(201);
    const sighting = { servedByNode: expect.any(String), lsn, elapsedMs: expect.any(Number) };
    expect(body).toMatchObject({
      product: { id: expect.any(Number), name, price: 5, servedBy: { role: 'leader' } },
      commit: { lsn, elapsedMs: expect.any(Number) },
      replicaRead: { ...sighting, found: expect.any(Boolean), servedBy: { role: 'replica' } },
      leaderRead: { ...sighting, found: true, lagBytes: 0, servedBy: { role: 'leader' } },
    });
  });

  it('never shows a replica that has replayed the commit and yet lacks the row', async () => {
    for (let run = 0; run < 20; run += 1) {
      const { body } = await app().http.post('/products/read-your-writes-demo').send({ name, price: 5 }).expect(201);
      const { replicaRead } = body as { replicaRead: Sighting };
      expect(replicaRead.lagBytes).toBeGreaterThanOrEqual(0);
      if (replicaRead.lagBytes === 0) expect(replicaRead.found).toBe(true);
    }
  });

  it('validates its body like a create', async () => {
    const { body } = await app().http.post('/products/read-your-writes-demo').send({ name: '' }).expect(400);
    expect(body).toMatchObject({ code: 'validation_failed' });
  });
});
