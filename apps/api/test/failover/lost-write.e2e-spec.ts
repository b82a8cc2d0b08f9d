import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { metricOfInstances } from '../support/observed.js';
import { deleteProducts } from '../support/products.js';

const lab = useLab();
const name = uniqueName('lost');
const healBoundMs = 240_000;
const failoverBoundMs = 60_000;
const modeBoundMs = 20_000;
/** A commit that waits for no standby takes less; the two ends notice the cut as a broken connection only later. */
const unacknowledgedMs = 3_000;

interface Written {
  readonly status: number;
  readonly token: string;
  readonly path: string;
}

afterEach(() => lab.heal(), healBoundMs);
afterAll(() => deleteProducts(name));

describe('A leader killed after replication was cut', () => {
  it('loses an acknowledged write under asynchronous replication, and the session that made it is told', async () => {
    await lab.nemesis.configure({ synchronous_mode: 'off' });
    await untilNobodyIsWaitedFor();
    const leader = await lab.leader();
    const kept = await write('kept');
    await untilReplicated(leader);
    await lab.nemesis.cutReplication(leader);
    const lost = await write('lost');
    expect(lost.status).toBe(201);
    await failOver(leader);

    const verdict = await read(lost.path, lost.token);
    expect(verdict.status).toBe(409);
    expect(verdict.headers.get('content-type')).toContain('application/problem+json');
    expect(await verdict.json()).toMatchObject({ code: 'acknowledged_write_lost' });
    const anchor = String(verdict.headers.get('consistency-token'));
    expect((await read(lost.path, anchor)).status).toBe(404);
    expect((await read(kept.path, kept.token)).status).toBe(200);
    expect(await metricOfInstances('pgha_acknowledged_writes_lost_total')).toBeGreaterThan(0);
  }, 300_000);

  it('acknowledges no write after the cut under quorum replication, so none is lost', async () => {
    const leader = await lab.leader();
    const kept = await write('kept under quorum');
    await lab.nemesis.cutReplication(leader);
    await expect(write('never acknowledged', unacknowledgedMs)).rejects.toMatchObject({ name: 'TimeoutError' });
    await failOver(leader);

    const verdict = await read(kept.path, kept.token);
    expect(verdict.status).toBe(200);
  }, 300_000);
});

/** Kills the leader, and waits until another member leads and the service has answered through it. */
async function failOver(leader: string): Promise<void> {
  await lab.nemesis.killReleasingLock(leader);
  await until({ what: 'another member leads and takes writes', boundMs: failoverBoundMs }, async () => {
    if ((await lab.leader()) === leader) return undefined;
    return (await write('after the failover')).status === 201 ? true : undefined;
  });
}

async function write(what: string, timeoutMs = 30_000): Promise<Written> {
  const response = await fetch(`${settings.apiUrl}/products`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: `${name} ${what}`, price: 1 }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.arrayBuffer();
  const header = (wanted: string) => response.headers.get(wanted) ?? '';
  return { status: response.status, token: header('consistency-token'), path: header('location') };
}

function read(path: string, token: string): Promise<Response> {
  return fetch(`${settings.apiUrl}${path}`, {
    headers: { 'Consistency-Token': token },
    signal: AbortSignal.timeout(30_000),
  });
}

/** Waits until PostgreSQL on the leader follows the mode. */
async function untilNobodyIsWaitedFor(): Promise<void> {
  await until({ what: 'commits wait for nobody', boundMs: modeBoundMs }, async () => {
    const [names = ''] = await psql(await lab.leader(), 'SHOW synchronous_standby_names');
    return names === '' ? true : undefined;
  });
}

/** Waits until the standbys have replayed all that was written before the cut. */
async function untilReplicated(leader: string): Promise<void> {
  await until({ what: 'both standbys have all of it', boundMs: modeBoundMs }, async () => {
    const [behind] = await psql(
      leader,
      'SELECT count(*) FROM pg_stat_replication WHERE replay_lsn < pg_current_wal_flush_lsn()',
    );
    return behind === '0' ? true : undefined;
  });
}
