import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineageService } from '../../../../libs/postgres-ha/src/index.js';
import { useAlbums, type AlbumCounts } from '../support/album.clients.js';
import { deleteAlbums } from '../support/albums.js';
import { useApp } from '../support/app.js';
import { checkSessions, type SessionOutcome } from '../../../../libs/chaos/src/checkers/session.checker.js';
import { countErrors } from '../../../../libs/chaos/src/checkers/error.counts.js';
import { rowOrderOf } from '../../../../libs/chaos/src/checkers/row.order.js';
import { readHistory } from '../../../../libs/chaos/src/history/history.file.js';
import { HistoryRecorder } from '../../../../libs/chaos/src/history/history.recorder.js';
import { useLab, waitReplayed } from '../../../../libs/chaos/test/support/lab.js';
import { metricOfInstances } from '../support/observed.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { artifactsFolder, lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const lab = useLab();
const prefix = uniqueName('stale-cache');
const healBoundMs = 120_000;
const replayBoundMs = 20_000;
const epochBoundMs = 5_000;
const drillTimeoutMs = 180_000;

const clients = { url: settings.apiUrl, prefix, albums: 4, readers: 8, tokenlessReaders: 4 };
const loadMs = 18_000;
/** How long the replica replays nothing before it catches up for a moment. */
const lagMs = 5_000;
const caughtUpMs = 1_000;
const redisDiesAfterMs = 7_000;
const redisAwayMs = 3_000;

/** How many answers were not cached because they lack a write that is known or under way. */
const refused = () => metricOfInstances('pgha_cache_fills_total{outcome="floor"}');

describe('While a replica lags by seconds and albums are written and read through the cache', () => {
  let sessions: SessionOutcome;
  let writes: number;
  let failures: Readonly<Record<string, number>>;
  let counts: AlbumCounts;
  let refusedFills: number;

  beforeAll(async () => {
    const before = await refused();
    const stop = new AbortController();
    const [lagging = ''] = await lab.replicas();
    await mkdir(join(artifactsFolder, 'drills'), { recursive: true });
    const path = join(artifactsFolder, 'drills', 'stale-cache.history.jsonl');
    const recorder = new HistoryRecorder(path, () => performance.now());
    const using = useAlbums({ ...clients, recorder, signal: stop.signal });
    const faults = Promise.all([lagAgainAndAgain(lagging, stop.signal), restartRedisInTheMiddle()]);
    await sleep(loadMs);
    stop.abort();
    counts = await using;
    await faults;
    await recorder.close();
    const history = await readHistory(path);
    sessions = checkSessions(history, rowOrderOf(history));
    failures = countErrors(history).byClass;
    writes = history.filter(({ action, outcome }) => action === 'write' && outcome === 'ok').length;
    refusedFills = (await refused()) - before;
    const stale = sessions.readYourWrites.count + sessions.monotonicReads.count;
    const line = { writes, ...counts, stale, refusedFills, failures };
    await appendFile(join(artifactsFolder, 'failover.txt'), `stale-cache: ${JSON.stringify(line)}\n`);
  }, drillTimeoutMs);

  afterAll(async () => {
    await lab.heal();
    await deleteAlbums(prefix);
  }, healBoundMs);

  it('no session is shown an older value than it has written, seen or been told of', () => {
    const nothing = { count: 0, examples: [] };
    expect(sessions).toEqual({ readYourWrites: nothing, monotonicReads: nothing });
    expect(writes).toBeGreaterThan(100);
    expect(counts.sessionReads).toBeGreaterThan(1_000);
  });

  it('the cache still answers sessions', () => {
    expect(counts.sessionHits).toBeGreaterThan(100);
  });

  it('answers from the lagging replica are not cached, and that is counted', () => {
    expect(refusedFills).toBeGreaterThan(0);
  });

  it('no request fails, although Redis is killed and started again in the middle', () => {
    expect(failures).toEqual({});
  });
});

describe('When a failover has lost an acknowledged write', () => {
  const app = useApp();

  it('nothing that was cached before is used any more', async () => {
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

/** Lets a replica lag for seconds, catch up for a moment and lag again, so that old answers and new ones take turns. */
async function lagAgainAndAgain(replica: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lab.nemesis.freezeReplay(replica);
    await sleep(lagMs, undefined, { signal }).catch(() => undefined);
    await lab.nemesis.heal(replica);
    await waitReplayed(lab, replayBoundMs);
    await sleep(caughtUpMs);
  }
}

async function restartRedisInTheMiddle(): Promise<void> {
  await sleep(redisDiesAfterMs);
  await lab.nemesis.kill('redis');
  await sleep(redisAwayMs);
  await lab.nemesis.heal('redis');
}
