import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { claimSurvival, useDrill } from '../support/drill.js';
import { LabController } from '../support/lab.controller.js';
import { uniqueName } from '../support/names.js';
import { lab as settings } from '../support/settings.js';

const instances = ['api1', 'api2'] as const;
const healthyBoundMs = 120_000;
const recoveryBoundMs = 30_000;

describe('API instances restarted in turn', () => {
  const claim = useDrill('api-restart', async (drill) => {
    await drill.load('writes', 'reads');
    await drill.strike(async () => {
      for (const instance of instances) {
        await drill.lab.restart(instance);
        await drill.lab.waitHealthy(healthyBoundMs);
      }
    });
    await drill.recovered(recoveryBoundMs);
  });

  claimSurvival(claim);
});

describe('A client that repeats its key on the other instance', () => {
  const lab = new LabController();
  const name = uniqueName('other-instance');
  const writes = 60;

  beforeAll(() => lab.heal(healthyBoundMs), healthyBoundMs);
  afterAll(async () => {
    await lab.heal(healthyBoundMs);
    await lab.deleteProducts(name);
  }, healthyBoundMs);

  it('finds one row and the same answer, whether the first had been killed before or after its commit', async () => {
    const [first = '', second = ''] = settings.instanceUrls;
    const keys = Array.from({ length: writes }, (_, index) => ({ key: randomUUID(), name: `${name}-${index}` }));
    const attempts = keys.map(async (write, index) => {
      await sleep(index * 5);
      return post(first, write).catch(() => undefined);
    });
    await sleep((writes * 5) / 2);
    await lab.kill('api1');
    const answers = await Promise.all(attempts);
    const repeated = [];
    for (const write of keys) repeated.push(await post(second, write));
    expect(repeated.map(({ status }) => status)).toEqual(Array(writes).fill(201));
    for (const [index, answer] of answers.entries()) {
      if (answer !== undefined) expect(repeated[index]?.body).toEqual(answer.body);
    }
    expect(answers.some((answer) => answer === undefined)).toBe(true);
    const stored = await lab.countProducts(name);
    expect(stored.size).toBe(writes);
    expect([...stored.values()].every((rows) => rows === 1)).toBe(true);
  }, 120_000);

  async function post(url: string, { key, name: rowName }: { key: string; name: string }) {
    const response = await fetch(`${url}/products`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify({ name: rowName, price: 1 }),
      signal: AbortSignal.timeout(30_000),
    });
    return { status: response.status, body: await response.json() };
  }
});
