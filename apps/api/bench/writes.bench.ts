import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabController } from '../test/support/lab.controller.js';
import { describeFailures, failed, longestGapMs, lostUpdates, tally } from '../test/support/history.js';
import { Recorder } from '../test/support/recorder.js';
import { lab as settings } from '../test/support/settings.js';
import { median, percentile } from './load.js';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';
import { ServerProcess } from './server.process.js';

const lab = new LabController();
const name = 'bench-writes';
const healthyBoundMs = 120_000;

const overheadRounds = 40;
const overheadWritesPerRound = 50;
const warmUpWrites = 500;

const warmUpMs = 3_000;
const aftermathMs = 5_000;
const outageMs = 30_000;

await lab.heal(healthyBoundMs);
const overheadTable = await measureOverhead();
const faultsTable = await measureFaults();
await lab.deleteProducts(name);
await publish('writes', 'Writes: what exactly-once costs, and what it survives', [
  `## Overhead without faults\n\n${overheadRounds} rounds of ${overheadWritesPerRound} \`POST /products\` each in turn, one at a time. Bare: ` +
    '`node:http` and `pg` doing BEGIN, the same INSERT, COMMIT through the same HAProxy.',
  overheadTable,
  '## Faults under load\n\n32 clients through the published port: creates and updates with a key each, and reads. The ' +
    'last two rows: the proxy itself is killed and started again, seen through it and past it.',
  faultsTable,
]);

async function measureOverhead(): Promise<string> {
  const service = await ServerProcess.service();
  const { id } = (await (await post(service.url, false)).json()) as { id: number };
  const bare = await ServerProcess.bare(id);
  try {
    const candidates = {
      bare: () => post(bare.url, false),
      keyed: () => post(service.url, true),
      unkeyed: () => post(service.url, false),
    };
    const samples = new Map<string, number[]>(Object.keys(candidates).map((candidate) => [candidate, []]));
    for (const send of Object.values(candidates)) for (let n = 0; n < warmUpWrites; n += 1) await drain(await send());
    for (let round = 0; round < overheadRounds; round += 1) {
      for (const [candidate, send] of Object.entries(candidates)) {
        for (let n = 0; n < overheadWritesPerRound; n += 1) {
          const startedMs = performance.now();
          await drain(await send());
          samples.get(candidate)?.push(performance.now() - startedMs);
        }
      }
    }
    const of = (candidate: string) => samples.get(candidate) ?? [];
    return table(
      ['', 'p50 ms', '× bare', 'p95 ms', 'p99 ms'],
      Object.keys(candidates).map((candidate) => [
        candidate,
        median(of(candidate)).toFixed(2),
        (median(of(candidate)) / median(of('bare'))).toFixed(2),
        percentile(of(candidate), 95).toFixed(2),
        percentile(of(candidate), 99).toFixed(2),
      ]),
    );
  } finally {
    await Promise.all([service.stop(), bare.stop()]);
  }
}

async function measureFaults(): Promise<string> {
  const faults: [string, string, () => Promise<unknown>][] = [
    ['leader container SIGKILL', settings.apiUrl, async () => lab.kill(await lab.leader())],
    ['postmaster SIGKILL', settings.apiUrl, async () => lab.killPostmaster(await lab.leader())],
    ['switchover', settings.apiUrl, async () => lab.switchover(await lab.leader(), (await lab.replicas())[0] ?? '')],
    ['2 of 3 etcd down 30 s', settings.apiUrl, etcdOutage],
    ['HAProxy reload', settings.apiUrl, () => lab.signal('haproxy', 'USR2')],
    ['API instance SIGKILL', settings.apiUrl, () => lab.kill('api1')],
    ['HAProxy killed and restarted', settings.apiUrl, proxyOutage],
    ['the same, on an instance’s own port', settings.instanceUrls[1] ?? '', proxyOutage],
  ];
  const rows = [];
  for (const [title, url, strike] of faults) {
    await lab.heal(healthyBoundMs);
    rows.push([title, ...(await underLoad(url, strike))]);
  }
  await lab.heal(healthyBoundMs);
  return table(
    ['fault', 'requests/s', 'failed', 'lost', 'duplicates', 'ghosts', 'write gap s', 'longest request s'],
    rows,
  );
}

async function underLoad(url: string, strike: () => Promise<unknown>): Promise<(string | number)[]> {
  const prefix = `${name}-${randomUUID().slice(0, 8)}`;
  const startedMs = performance.now();
  const writes = Recorder.writes(url, prefix);
  const reads = Recorder.reads(url);
  await sleep(warmUpMs);
  const fromMs = performance.now();
  await strike();
  await writes.acknowledged({ count: 20, afterMs: performance.now(), boundMs: 60_000 });
  await sleep(aftermathMs);
  const untilMs = performance.now();
  await Promise.all([writes.stop(), reads.stop()]);
  const attempts = [...writes.attempts, ...reads.attempts];
  const { lost, duplicates, ghosts } = tally(writes.attempts, await lab.countProducts(prefix));
  const updates = lostUpdates(writes.attempts, await lab.numbersOfProducts(prefix));
  const longestMs = Math.max(...attempts.map((attempt) => attempt.endedMs - attempt.startedMs));
  return [
    Math.round(attempts.length / ((untilMs - startedMs) / 1_000)),
    failed(attempts).length === 0 ? 0 : describeFailures(attempts),
    lost.length + updates.length,
    duplicates.length,
    ghosts.length,
    (longestGapMs(writes.successMs, { fromMs, untilMs }) / 1_000).toFixed(2),
    (longestMs / 1_000).toFixed(2),
  ];
}

async function etcdOutage(): Promise<void> {
  const victims = await lab.killEtcd(2);
  await sleep(outageMs);
  await lab.start(...victims);
}

async function proxyOutage(): Promise<void> {
  await lab.kill('haproxy');
  await lab.start('haproxy');
}

function post(url: string, isKeyed: boolean): Promise<Response> {
  return fetch(`${url}/products`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(isKeyed ? { 'Idempotency-Key': randomUUID() } : {}) },
    body: JSON.stringify({ name, price: 9.99 }),
  });
}

async function drain(response: Response): Promise<void> {
  if (response.status !== 201) throw new Error(`POST /products: ${response.status}`);
  await response.arrayBuffer();
}
