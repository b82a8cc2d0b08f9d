import { measure, median, medians, percentile, type Measured } from './load.js';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';
import { ServerProcess } from './server.process.js';
import { deleteProducts } from '../test/support/products.js';

const rounds = 5;
const roundSeconds = 6;
/** The just-in-time compiler needs so long until speed no longer changes. */
const warmUpSeconds = 10;
const sessionReads = 4_000;
const sessionClients = 16;

const name = 'bench-reads';

const service = await ServerProcess.service();
const created = await create(service.url);
const bare = await ServerProcess.bare(created.id);
try {
  const throughputTable = await compareThroughput();
  const latencyTable = await compareLatency();
  await publish('reads', 'Reads: what consistency costs', [
    `## Throughput of \`GET /products/{id}\`\n\n32 connections, ${rounds} rounds of ${roundSeconds} s for each in turn; medians. ` +
      'Bare: `node:http` and `pg` with the same query through the same HAProxy.',
    throughputTable,
    `## Latency right after a write\n\n${sessionClients} clients, each: a write, then one read of the row it wrote in one of the modes in turn.`,
    latencyTable,
  ]);
} finally {
  await Promise.all([service.stop(), bare.stop()]);
  await deleteProducts(name);
}

async function compareThroughput(): Promise<string> {
  const path = `/products/${created.id}`;
  const candidates = {
    bare: { url: `${bare.url}${path}` },
    eventual: { url: `${service.url}${path}`, headers: { 'Read-Consistency': 'eventual' } },
    session: { url: `${service.url}${path}`, headers: { 'Consistency-Token': created.token } },
    bounded: { url: `${service.url}${path}`, headers: { 'Read-Consistency': 'bounded; max-staleness=1000' } },
    strong: { url: `${service.url}${path}`, headers: { 'Read-Consistency': 'strong' } },
  };
  const measured = new Map<string, Measured[]>();
  for (const target of Object.values(candidates)) await measure(target, warmUpSeconds);
  for (let round = 0; round < rounds; round += 1) {
    for (const [candidate, target] of Object.entries(candidates)) {
      const before = measured.get(candidate) ?? [];
      measured.set(candidate, [...before, await measure(target, roundSeconds)]);
    }
  }
  const of = (candidate: string) => medians(measured.get(candidate) ?? []);
  const relative = (candidate: string, to: string) =>
    (of(candidate).requestsPerSecond / of(to).requestsPerSecond).toFixed(2);
  return table(
    ['', 'requests/s', '× bare', '× eventual', 'p50 ms', 'p99 ms', 'failed'],
    Object.keys(candidates).map((candidate) => {
      const { requestsPerSecond, p50Ms, p99Ms, failures } = of(candidate);
      return [
        candidate,
        Math.round(requestsPerSecond),
        relative(candidate, 'bare'),
        relative(candidate, 'eventual'),
        p50Ms,
        p99Ms,
        failures,
      ];
    }),
  );
}

async function compareLatency(): Promise<string> {
  const modes = ['eventual', 'session', 'strong'] as const;
  const samples = new Map<string, { ms: number; servedBy: string; ok: boolean }[]>(modes.map((mode) => [mode, []]));
  await Promise.all(
    Array.from({ length: sessionClients }, async () => {
      const own = await create(service.url);
      for (let read = 0; read < sessionReads / sessionClients; read += 1) {
        const mode = modes[read % modes.length] as (typeof modes)[number];
        const written = await fetch(`${service.url}/products/${own.id}`, {
          method: 'PUT',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ name, price: read }),
        });
        await written.arrayBuffer();
        const startedMs = performance.now();
        const response = await fetch(`${service.url}/products/${own.id}`, {
          headers: { 'Read-Consistency': mode, 'Consistency-Token': written.headers.get('consistency-token') ?? '' },
        });
        await response.arrayBuffer();
        const servedBy = response.headers.get('served-by') ?? '';
        samples.get(mode)?.push({ ms: performance.now() - startedMs, servedBy, ok: response.ok });
      }
    }),
  );
  return table(
    ['', 'reads', 'by replicas', 'p50 ms', 'p99 ms', 'failed'],
    modes.map((mode) => {
      const reads = samples.get(mode) ?? [];
      const ms = reads.map((read) => read.ms);
      const byReplicas = reads.filter(({ servedBy }) => servedBy.endsWith('; replica')).length;
      return [
        mode,
        reads.length,
        `${((100 * byReplicas) / reads.length).toFixed(1)} %`,
        median(ms).toFixed(2),
        percentile(ms, 99).toFixed(2),
        reads.filter(({ ok }) => !ok).length,
      ];
    }),
  );
}

async function create(url: string): Promise<{ id: number; token: string }> {
  const response = await fetch(`${url}/products`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, price: 1 }),
  });
  const { id } = (await response.json()) as { id: number };
  return { id, token: response.headers.get('consistency-token') ?? '' };
}
