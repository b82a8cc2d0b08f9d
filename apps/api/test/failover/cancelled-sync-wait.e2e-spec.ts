import { afterAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { countProducts, deleteProducts } from '../support/products.js';

const lab = useLab();
const name = uniqueName('cancelled');
const syncWaitBoundMs = 10_000;
/** An acknowledgement that should not come would come within this time, and Patroni gives up the standbys only later. */
const watchMs = 3_000;

afterAll(() => deleteProducts(name));

const inSyncWait = `FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'api-write'`;

describe('A write whose wait for the synchronous standby is cancelled', () => {
  it('is acknowledged only once a standby has it, and is stored once', async () => {
    const leader = await lab.leader();
    const replicas = await lab.replicas();
    await lab.nemesis.pause(...replicas);
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
    await lab.heal();
    expect((await response).status).toBe(201);
    expect((await countProducts(name)).get(name)).toBe(1);
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
