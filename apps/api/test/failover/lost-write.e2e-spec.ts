import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { LabController } from '../support/lab.controller.js';
import { uniqueName } from '../support/names.js';
import { lab as settings } from '../support/settings.js';
import { until } from '../support/wait.js';
import { psql } from '../support/docker.js';

const lab = new LabController();
const name = uniqueName('lost');
const healthyBoundMs = 120_000;
const failoverBoundMs = 60_000;
const modeBoundMs = 20_000;
/** Long enough for a commit that waits for nobody, short enough that the cut is not noticed as a broken connection. */
const unacknowledgedMs = 3_000;

interface Written {
  readonly status: number;
  readonly token: string;
  readonly path: string;
}

beforeAll(() => lab.heal(healthyBoundMs), healthyBoundMs);
afterEach(async () => {
  await synchronousMode('quorum');
  await lab.heal(healthyBoundMs);
}, 2 * healthyBoundMs);
afterAll(() => lab.deleteProducts(name));

describe('A leader killed after replication was cut', () => {
  it('loses what it acknowledged under asynchronous replication, and the client is told', async () => {
    await synchronousMode('off');
    const leader = await lab.leader();
    const kept = await write('kept');
    await untilReplicated(leader);
    await lab.cutReplication(leader);
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
    expect(await lostWritesCounted()).toBeGreaterThan(0);
  }, 300_000);

  it('acknowledges nothing it could lose under quorum replication', async () => {
    const leader = await lab.leader();
    const kept = await write('kept under quorum');
    await lab.cutReplication(leader);
    await expect(write('never acknowledged', unacknowledgedMs)).rejects.toMatchObject({ name: 'TimeoutError' });
    await failOver(leader);

    const verdict = await read(kept.path, kept.token);
    expect(verdict.status).toBe(200);
  }, 300_000);
});

/** Kills the leader, waits for the next one, and for a clean answer through it. */
async function failOver(leader: string): Promise<void> {
  await lab.killReleasingLock(leader);
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

/** Sets the mode and waits until PostgreSQL on the leader follows it. */
async function synchronousMode(mode: 'quorum' | 'off'): Promise<void> {
  await lab.configure({ synchronous_mode: mode });
  await until({ what: `synchronous mode ${mode}`, boundMs: modeBoundMs }, async () => {
    const [names] = await psql(await lab.leader(), 'SHOW synchronous_standby_names');
    return (names === undefined || names === '') === (mode === 'off') ? true : undefined;
  });
}

/** So that what came before the cut is on the standbys for sure. */
async function untilReplicated(leader: string): Promise<void> {
  await until({ what: 'both standbys have all of it', boundMs: modeBoundMs }, async () => {
    const [behind] = await psql(
      leader,
      'SELECT count(*) FROM pg_stat_replication WHERE replay_lsn < pg_current_wal_flush_lsn()',
    );
    return behind === '0' ? true : undefined;
  });
}

/** Over all instances: whichever answered has counted it. */
async function lostWritesCounted(): Promise<number> {
  const texts = await Promise.all(
    settings.instanceUrls.map(async (url) =>
      (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })).text(),
    ),
  );
  return texts
    .map((text) => Number(/^pgha_acknowledged_writes_lost_total (\d+)/m.exec(text)?.[1] ?? 0))
    .reduce((sum, count) => sum + count, 0);
}
