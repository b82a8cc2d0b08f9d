import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineageService } from '../../../../libs/postgres-ha/src/index.js';
import { hammer, type HammerReport } from '../support/album.workload.js';
import { deleteAlbums } from '../support/albums.js';
import { useApp } from '../support/app.js';
import { LabController } from '../support/lab.controller.js';
import { counterOf } from '../support/metrics.js';
import { uniqueName } from '../support/names.js';
import { artifactsFolder, lab as settings } from '../support/settings.js';
import { until } from '../support/wait.js';

const lab = new LabController();
const prefix = uniqueName('stale-cache');
const healthyBoundMs = 120_000;
const epochBoundMs = 5_000;
const drillTimeoutMs = 180_000;

const load = { url: settings.apiUrl, prefix, albums: 4, readers: 8, tokenlessReaders: 4 };
const hammerMs = 18_000;
/** Of a replica that replays nothing, before it may catch up for a moment. */
const lagMs = 5_000;
const caughtUpMs = 1_000;
const redisDiesAfterMs = 7_000;
const redisAwayMs = 3_000;

/** Refused because a write is known, or under way, that they do not show. */
const refused = () => counterOf('pgha_cache_fills_total', { outcome: 'floor' });

describe('While a replica lags by seconds and albums are written and read through the cache', () => {
  let report: HammerReport;
  let refusedFills: number;

  beforeAll(async () => {
    await lab.heal(healthyBoundMs);
    const before = await refused();
    const stop = new AbortController();
    const [lagging = ''] = await lab.replicas();
    const hammering = hammer({ ...load, signal: stop.signal });
    const faults = Promise.all([lagAgainAndAgain(lagging, stop.signal), restartRedisInTheMiddle()]);
    await sleep(hammerMs);
    stop.abort();
    report = await hammering;
    await faults;
    refusedFills = (await refused()) - before;
    const { stale, failures, ...counts } = report;
    const line = { ...counts, stale: stale.length, refusedFills, failures };
    await mkdir(artifactsFolder, { recursive: true });
    await appendFile(join(artifactsFolder, 'failover.txt'), `stale-cache: ${JSON.stringify(line)}\n`);
  }, drillTimeoutMs);

  afterAll(async () => {
    await lab.heal(healthyBoundMs);
    await deleteAlbums(prefix);
  }, healthyBoundMs);

  it('no session is shown less than it has written, seen or been told of', () => {
    expect(report.stale).toEqual([]);
    expect(report.writes).toBeGreaterThan(100);
    expect(report.sessionReads).toBeGreaterThan(1_000);
  });

  it('the cache answers sessions all the same', () => {
    expect(report.sessionHits).toBeGreaterThan(100);
  });

  it('what the lagging replica shows is refused, and that is counted', () => {
    expect(refusedFills).toBeGreaterThan(0);
  });

  it('no request fails, with Redis killed and started in the middle', () => {
    expect(report.failures).toEqual({});
  });
});

describe('When a failover has lost an acknowledged write', () => {
  const app = useApp();

  it('all that was kept is void', async () => {
    const { headers } = await app().http.post('/albums').send({ title: prefix, artist: '0' }).expect(201);
    const read = () =>
      app()
        .http.get(String(headers['location']))
        .set('Consistency-Token', String(headers['consistency-token']))
        .expect(200);
    await read();
    expect((await read()).headers['cache-status']).toMatch(/; hit;/);
    app().nest.get(LineageService).losses.emit('loss', 1);
    await until({ what: 'the entry is void', boundMs: epochBoundMs, everyMs: 10 }, async () => {
      const { headers: answered } = await read();
      return String(answered['cache-status']).includes('; fwd=uri-miss') ? true : undefined;
    });
  });
});

/** Seconds behind, caught up for a moment, and behind again: old answers and new ones take turns. */
async function lagAgainAndAgain(replica: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lab.freezeReplay(replica);
    await sleep(lagMs, undefined, { signal }).catch(() => undefined);
    await lab.thawReplay();
    await sleep(caughtUpMs);
  }
}

async function restartRedisInTheMiddle(): Promise<void> {
  await sleep(redisDiesAfterMs);
  await lab.kill('redis');
  await sleep(redisAwayMs);
  await lab.start('redis');
}
