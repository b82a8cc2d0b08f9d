import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { countProducts, deleteProducts } from '../support/products.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';

const lab = useLab();
const healBoundMs = 120_000;

describe('A client that repeats its key on the other instance', () => {
  const prefix = uniqueName('other-instance');
  const killAfterMs = 150;
  const everyMs = 5;

  afterAll(async () => {
    await lab.heal();
    await deleteProducts(prefix);
  }, healBoundMs);

  it('finds one row and the same answer, whether the first instance was killed before or after its commit', async () => {
    const [first = '', second = ''] = settings.instanceUrls;
    const writes: { readonly key: string; readonly name: string }[] = [];
    const attempts: Promise<Awaited<ReturnType<typeof post>> | undefined>[] = [];
    const dead = new AbortController();
    const killing = sleep(killAfterMs)
      .then(() => lab.nemesis.kill('api1'))
      .finally(() => dead.abort());
    // Clients write until the instance is dead, however long that takes, so some writes are under way when it dies.
    while (!dead.signal.aborted) {
      const write = { key: randomUUID(), name: `${prefix}-${writes.length}` };
      writes.push(write);
      attempts.push(post(first, write).catch(() => undefined));
      await sleep(everyMs);
    }
    await killing;
    const answers = await Promise.all(attempts);
    const repeated = [];
    for (const write of writes) repeated.push(await post(second, write));
    expect(repeated.map(({ status }) => status)).toEqual(Array(writes.length).fill(201));
    for (const [index, answer] of answers.entries()) {
      if (answer !== undefined) expect(repeated[index]?.body).toEqual(answer.body);
    }
    expect(answers.some((answer) => answer === undefined)).toBe(true);
    expect(answers.some((answer) => answer !== undefined)).toBe(true);
    const stored = await countProducts(prefix);
    expect(stored.size).toBe(writes.length);
    expect([...stored.values()].every((rows) => rows === 1)).toBe(true);
  }, 120_000);

  async function post(url: string, { key, name }: { key: string; name: string }) {
    const response = await fetch(`${url}/products`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify({ name, price: 1 }),
      signal: AbortSignal.timeout(30_000),
    });
    return { status: response.status, body: await response.json() };
  }
});
