import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { TestApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { machineSlowness } from '../../../../libs/chaos/test/support/machine.js';
import { lab } from '../../../../libs/chaos/test/support/settings.js';
import { deleteProducts } from '../support/products.js';

const name = uniqueName('locked');
const waiters = 40;
const others = 80;
const otherEveryMs = 50;
const otherP95BoundMs = 500;
/** Longer than the others take to be sent, and the waiters to change the row one after the other. */
const deadlineMs = 6_000;
const healthEveryMs = 200;
const lateMs = 1_000;
/** Each price is a new one, because a change to the same price would need no lock. */
const unlike = 1_000;

describe('A row that a forgotten transaction holds', () => {
  const forgotten = new pg.Client(lab.sql);
  let app: TestApp;
  let path: string;
  let slowness: number;

  beforeAll(async () => {
    slowness = await machineSlowness();
    app = await TestApp.boot({ WRITE_DEADLINE_MS: String(Math.round(deadlineMs * slowness)) });
    await app.untilReady();
    await forgotten.connect();
    // Opens the connections that a service has after it has run for a while.
    await Promise.all(Array.from({ length: waiters }, () => create('before').expect(201)));
    const { headers } = await create('held').expect(201);
    path = String(headers['location']);
  }, 60_000);
  afterAll(async () => {
    await forgotten.end();
    await app.close();
    await deleteProducts(name);
  });

  const create = (what: string) => app.http.post('/products').send({ name: `${name}-${what}`, price: 1 });
  const change = (price: number) => app.http.put(path).send({ name: `${name}-held`, price });

  async function hold(): Promise<void> {
    await forgotten.query('BEGIN');
    await forgotten.query('SELECT FROM products WHERE id = $1 FOR UPDATE', [Number(path.split('/').at(-1))]);
  }

  async function timed(send: () => PromiseLike<{ status: number }>) {
    const startedMs = performance.now();
    const { status } = await send();
    return { status, elapsedMs: performance.now() - startedMs };
  }

  it('delays only its own writers and leaves /health as it is; once it is free, all of them succeed', async () => {
    await hold();
    const waiting = Promise.all(Array.from({ length: waiters }, async (_, row) => (await change(row + 1)).status));
    const creating: ReturnType<typeof timed>[] = [];
    const looking: Promise<{ status: number; body: unknown }>[] = [];
    for (let sent = 0; sent < others; sent += 1) {
      creating.push(timed(() => create(`other-${sent}`)));
      if ((sent * otherEveryMs) % healthEveryMs === 0) {
        looking.push(app.http.get('/health').then(({ status, body }) => ({ status, body: body as unknown })));
      }
      await sleep(otherEveryMs);
    }
    const created = await Promise.all(creating);
    const looks = await Promise.all(looking);
    await forgotten.query('COMMIT');
    expect(created.map(({ status }) => status)).toEqual(Array(others).fill(201));
    const elapsedMs = created.map((other) => other.elapsedMs).toSorted((a, b) => a - b);
    expect(elapsedMs[Math.ceil(others * 0.95) - 1]).toBeLessThan(otherP95BoundMs * slowness);
    for (const look of looks) {
      expect(look).toMatchObject({
        status: 200,
        body: { details: { write: { status: 'up' }, replication: { status: 'up' } } },
      });
    }
    expect(await waiting).toEqual(Array(waiters).fill(200));
  }, 60_000);

  it('is named as the reason in the answers that its writers get at their deadline', async () => {
    await hold();
    const first = Promise.all(Array.from({ length: waiters }, (_, row) => change(unlike + row)));
    // Later writers wait for the first one, and never reach the locked row themselves.
    await sleep(lateMs);
    const late = await Promise.all([change(unlike - 1), change(unlike - 2)]);
    const answers = [...(await first), ...late];
    await forgotten.query('COMMIT');
    for (const { status, body, headers } of answers) {
      expect([status, body]).toEqual([503, expect.objectContaining({ code: 'row_locked' })]);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
  }, 120_000);
});
