import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { CommitBreaker, type CommitFault } from '../support/tcp.js';
import { countProducts, deleteProducts } from '../support/products.js';

const name = uniqueName('broken');
const clients = 8;
const boundMs = 180_000;

/** One COMMIT in so many is let through. A request whose attempts are all broken would be held until its deadline. */
const lucky = 4;
let queue: CommitFault[] = [];
let commits = 0;
const breaker = new CommitBreaker(settings.writePort, () => ((commits += 1) % lucky === 0 ? undefined : queue.pop()));
let app: TestApp;

beforeAll(async () => {
  const port = await breaker.open();
  app = await TestApp.boot({ DB_WRITE_PORT: String(port) });
  await app.untilReady();
}, 60_000);
afterAll(async () => {
  queue = [];
  await app.close();
  await breaker.close();
  await deleteProducts(name);
});

/** The status of a success, or the code of a problem. */
type Answer = 201 | string;

/** Concurrent clients create rows, each with a name of its own, until every fault was injected. */
async function createUnder(faults: CommitFault[], prefix: string, keyed: boolean): Promise<Answer[]> {
  queue = faults;
  commits = 0;
  const statuses: Answer[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(clients, faults.length) }, async () => {
      while (queue.length > 0) {
        const rowName = `${prefix}-${(next += 1)}`;
        const key: Record<string, string> = keyed ? { 'Idempotency-Key': rowName } : {};
        const { status, body } = await app.http.post('/products').set(key).send({ name: rowName, price: 1 });
        statuses.push(status === 201 ? status : (body as { code: string }).code);
      }
    }),
  );
  return statuses;
}

describe('A connection that is lost around COMMIT', () => {
  it.each([
    ['after it was carried out, with a key of the client', 500, 'swallow-answer', true],
    ['after it was carried out, without a key', 100, 'swallow-answer', false],
    ['before it arrived', 100, 'drop-commit', true],
  ] as const)(
    '%s, %d times: the client sees a success and there is one row',
    async (_, times, fault, keyed) => {
      const prefix = `${name}-${fault}-${keyed}`;
      const before = breaker.broken;
      const statuses = await createUnder(Array(times).fill(fault), prefix, keyed);
      expect(breaker.broken - before).toBe(times);
      expect(new Set(statuses)).toEqual(new Set([201]));
      const stored = await countProducts(prefix);
      expect(stored.size).toBe(statuses.length);
      expect([...stored.values()].every((rows) => rows === 1)).toBe(true);
    },
    boundMs,
  );

  it(
    'before it arrived, while the server goes on with the session and its lock',
    async () => {
      const prefix = `${name}-strand`;
      expect(await createUnder(['strand'], prefix, true)).toEqual([201]);
      expect([...(await countProducts(prefix)).values()]).toEqual([1]);
    },
    boundMs,
  );

  it('is logged and counted by outcome', async () => {
    const { text } = await app.http.get('/metrics').expect(200);
    expect(text).toMatch(/^pgha_write_retries_total\{reason="(CONNECTION_TERMINATED|ECONNRESET)"\} [1-9]/m);
    expect(text).toMatch(/^pgha_writes_total\{outcome="replayed"\} [1-9]/m);
  });
});
