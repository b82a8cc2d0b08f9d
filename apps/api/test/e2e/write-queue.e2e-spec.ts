import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { WriteFacade } from '../../../../libs/postgres-ha/src/nest/index.js';
import { TestApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { Forwarder } from '../support/tcp.js';
import { countProducts, deleteProducts } from '../support/products.js';

const name = uniqueName('queue');
const limit = 20;
/** Shorter than PostgreSQL lets a transaction idle (1.5 s): one that is held up is still there when its client is told. */
const deadlineMs = 1_000;
/** Shorter than the outage, so a read that is answered after it was held as writes are. */
const readDeadlineMs = 300;
const outageMs = 500;

describe('Writes while the leader cannot be reached', () => {
  const path = new Forwarder(settings.writePort);
  let port: number;
  let app: TestApp;

  beforeAll(async () => {
    port = await path.open();
    app = await TestApp.boot({
      DB_WRITE_PORT: String(port),
      WRITE_MAX_IN_FLIGHT: String(limit),
      WRITE_DEADLINE_MS: String(deadlineMs),
      READ_DEADLINE_MS: String(readDeadlineMs),
    });
    await app.untilReady();
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await path.close();
    await deleteProducts(name);
  });

  const write = (row: number) => app.http.post('/products').send({ name: `${name}-${row}`, price: 1 });

  it('wait, up to a limit; those beyond the limit are refused at once with Retry-After', async () => {
    await write(0).expect(201);
    await path.close();
    const startedMs = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 3 * limit }, async (_, row) => {
        const { status, body, headers } = await write(row + 1);
        return { status, code: (body as { code: string }).code, headers, elapsedMs: performance.now() - startedMs };
      }),
    );
    const refused = answers.filter(({ code }) => code === 'write_queue_full');
    const gaveUp = answers.filter(({ code }) => code === 'database_unavailable');
    expect(refused).toHaveLength(2 * limit);
    expect(gaveUp).toHaveLength(limit);
    expect(answers.every(({ status, headers }) => status === 503 && Number(headers['retry-after']) > 0)).toBe(true);
    expect(Math.max(...refused.map(({ elapsedMs }) => elapsedMs))).toBeLessThan(deadlineMs);
    expect(Math.min(...gaveUp.map(({ elapsedMs }) => elapsedMs))).toBeGreaterThanOrEqual(deadlineMs - 500);
  }, 30_000);

  it('succeed as soon as the leader is back, and so does a read that only the leader may serve', async () => {
    const waiting = Promise.all(Array.from({ length: limit }, (_, row) => write(1_000 + row)));
    const strong = app.http.get('/products?limit=1').set('Read-Consistency', 'strong').expect(200);
    const read = strong.then(({ headers }) => headers['served-by']);
    await new Promise((resolve) => setTimeout(resolve, outageMs));
    await path.open(port);
    const answers = await waiting;
    expect(await read).toMatch(/; leader$/);
    expect(answers.map(({ status }) => status)).toEqual(Array(limit).fill(201));
    expect((await countProducts(`${name}-10`)).size).toBe(limit);
  }, 30_000);

  it('are answered truthfully when others have closed the gate: in doubt when COMMIT was sent, else not written', async () => {
    const facade = app.nest.get(WriteFacade);
    const [begun, mayCommit, mayInsert, inserted, mayFail] = [signal(3), signal(), signal(), signal(), signal()];
    const insert = async (manager: EntityManager, row: string) => {
      await manager.query('INSERT INTO products (name, price) VALUES ($1, 1)', [`${name}-${row}`]);
      return { status: 201, headers: {}, body: {} };
    };
    const committing = facade.run((manager) => insert(manager, 'committing'), {
      before: async () => {
        begun.give();
        await mayCommit.given;
      },
      after: () => Promise.resolve(),
    });
    const working = facade.run(async (manager) => {
      await manager.query('SELECT 1');
      begun.give();
      await mayInsert.given;
      return insert(manager, 'working').finally(() => inserted.give());
    });
    const refused = facade.run(async (manager) => {
      await manager.query('SELECT 1');
      begun.give();
      await mayFail.given;
      throw Object.assign(new Error('as if the leader were gone'), { code: 'ECONNREFUSED' });
    });
    const told = Promise.allSettled([committing, working, refused]);
    await begun.given;
    // PostgreSQL gets everything and no answer comes back: neither that of COMMIT, nor that of the probe that would open the gate.
    path.hold();
    mayCommit.give();
    mayFail.give();
    expect(await told).toMatchObject([
      { reason: { code: 'write_outcome_unknown' } },
      { reason: { code: 'database_unavailable' } },
      { reason: { code: 'database_unavailable' } },
    ]);
    path.release();
    mayInsert.give();
    await inserted.given;
    await app.http
      .post('/products')
      .send({ name: `${name}-last`, price: 1 })
      .expect(201);
    const names = [...(await countProducts(`${name}-`)).keys()];
    expect(names).toContain(`${name}-committing`);
    expect(names).not.toContain(`${name}-working`);
  }, 30_000);
});

/** Something that is given, by so many, and waited for. */
function signal(by = 1) {
  let resolve: () => void;
  let missing = by;
  const given = new Promise<void>((fulfil) => (resolve = fulfil));
  const give = () => {
    missing -= 1;
    if (missing === 0) resolve();
  };
  return { given, give };
}
