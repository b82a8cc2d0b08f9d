import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { psql } from '../support/docker.js';
import { LabController } from '../support/lab.controller.js';
import { uniqueName } from '../support/names.js';
import { lab as settings } from '../support/settings.js';
import { until } from '../support/wait.js';

const lab = new LabController();
const name = uniqueName('cancelled');
const healthyBoundMs = 120_000;
const syncWaitBoundMs = 10_000;
/** Long enough to see an acknowledgement that should not come; shorter than what makes Patroni give up the standbys. */
const watchMs = 3_000;

beforeAll(() => lab.heal(healthyBoundMs), healthyBoundMs);
afterAll(async () => {
  await lab.heal(healthyBoundMs);
  await lab.deleteProducts(name);
}, healthyBoundMs);

const inSyncWait = `FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'api-write'`;

describe('A cancelled wait for the synchronous standby', () => {
  it('is not acknowledged until a standby has the write, and then there is one row', async () => {
    const leader = await lab.leader();
    const replicas = await lab.replicas();
    await lab.pause(...replicas);
    let answered = false;
    const response = post().finally(() => {
      answered = true;
    });
    await until({ what: 'the commit waits for a standby', boundMs: syncWaitBoundMs, everyMs: 50 }, async () => {
      const [cancelled] = await psql(leader, `SELECT pg_cancel_backend(pid) ${inSyncWait}`);
      return cancelled === 't' ? true : undefined;
    });
    await sleep(watchMs);
    expect(await psql(leader, `SELECT count(*) FROM products WHERE name = '${name}'`)).toEqual(['1']);
    expect(answered).toBe(false);
    await lab.heal(healthyBoundMs);
    expect((await response).status).toBe(201);
    expect((await lab.countProducts(name)).get(name)).toBe(1);
  }, 240_000);
});

function post(): Promise<Response> {
  return fetch(`${settings.apiUrl}/products`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': name },
    body: JSON.stringify({ name, price: 1 }),
    signal: AbortSignal.timeout(60_000),
  });
}
