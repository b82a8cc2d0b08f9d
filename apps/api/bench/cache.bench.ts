import { deleteAlbums } from '../test/support/albums.js';
import { until } from '../../../libs/cluster/src/wait.js';
import { measure, medians, type Measured } from './load.js';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';
import { ServerProcess } from './server.process.js';
import { openLab } from '../../../libs/chaos/test/support/settings.js';

const rounds = 15;
const roundSeconds = 2;
/** The just-in-time compiler needs so long until speed no longer changes. */
const warmUpSeconds = 8;
const songs = 10;
const others = 20;
const wantedRatio = 3;

const title = 'bench-cache';
const healthyBoundMs = 60_000;

await openLab().waitHealthy(healthyBoundMs);
const cached = await ServerProcess.service();
const uncached = await ServerProcess.service({ REDIS_HOST: '' });
try {
  const album = await create();
  for (let other = 0; other < others; other += 1) await create();
  await untilHit(album);
  const session = { 'Consistency-Token': album.token };
  const targets = {
    'session, cached': { url: `${cached.url}${album.path}`, headers: session },
    'session, uncached': { url: `${uncached.url}${album.path}`, headers: session },
    'eventual, cached': { url: `${cached.url}${album.path}`, headers: { 'Read-Consistency': 'eventual' } },
    'eventual, uncached': { url: `${uncached.url}${album.path}`, headers: { 'Read-Consistency': 'eventual' } },
  };
  const measured = new Map<string, Measured[]>(Object.keys(targets).map((name) => [name, []]));
  for (const target of Object.values(targets)) await measure(target, warmUpSeconds);
  const before = await requests();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, target] of Object.entries(targets)) {
      measured.get(name)?.push(await measure(target, roundSeconds));
    }
  }
  const after = await requests();
  const of = (name: string) => medians(measured.get(name) ?? []);
  const ratio = (mode: string) => of(`${mode}, cached`).requestsPerSecond / of(`${mode}, uncached`).requestsPerSecond;
  const hits = (after.hit - before.hit) / (after.all - before.all);
  await publish('cache', 'The cache: what it saves', [
    `## Throughput of \`GET /albums/{id}\`\n\nAn album with ${songs} songs; 32 connections, ${rounds} rounds of ${roundSeconds} s for each in turn; ` +
      'medians. Uncached: the same service without `REDIS_HOST`, beside it in the same run.',
    table(
      ['', 'requests/s', 'p50 ms', 'p99 ms', 'failed'],
      Object.keys(targets).map((name) => {
        const { requestsPerSecond, p50Ms, p99Ms, failures } = of(name);
        return [name, Math.round(requestsPerSecond), p50Ms, p99Ms, failures];
      }),
    ),
    `Cached against uncached: session × ${ratio('session').toFixed(2)}, eventual × ${ratio('eventual').toFixed(2)} (wanted: at least × ${wantedRatio}). ` +
      `Of the cached reads ${(100 * hits).toFixed(1)} % were hits.`,
  ]);
  if (ratio('session') < wantedRatio) process.exitCode = 1;
} finally {
  await Promise.all([cached.stop(), uncached.stop()]);
  await deleteAlbums(title);
}

async function create(): Promise<{ path: string; token: string }> {
  const response = await fetch(`${cached.url}/albums`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      title,
      artist: 'Nobody',
      songs: Array.from({ length: songs }, (_, index) => ({ title: `song ${index}`, durationSeconds: 200 })),
    }),
  });
  await response.arrayBuffer();
  const { headers } = response;
  return { path: headers.get('location') ?? '', token: headers.get('consistency-token') ?? '' };
}

async function untilHit({ path, token }: { path: string; token: string }): Promise<void> {
  await until({ what: 'the first hit', boundMs: healthyBoundMs, everyMs: 50 }, async () => {
    const response = await fetch(`${cached.url}${path}`, { headers: { 'Consistency-Token': token } });
    await response.arrayBuffer();
    return response.headers.get('cache-status')?.includes('; hit') === true ? true : undefined;
  });
}

/** How many reads of albums the service has answered from the cache, and how many in all. */
async function requests(): Promise<{ hit: number; all: number }> {
  const text = await (await fetch(`${cached.url}/metrics`)).text();
  const counts = [...text.matchAll(/^pgha_cache_requests_total\{result="(\w+)"\} (\d+)$/gm)];
  const sum = (of: typeof counts) => of.reduce((total, [, , count]) => total + Number(count), 0);
  return { hit: sum(counts.filter(([, result]) => result === 'hit')), all: sum(counts) };
}
