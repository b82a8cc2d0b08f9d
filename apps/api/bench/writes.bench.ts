import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { measureTrial, withLab, type Measured } from '../../../libs/chaos/bench/measured.trial.js';
import { countErrors } from '../../../libs/chaos/src/checkers/error.counts.js';
import { experienceOf } from '../../../libs/chaos/src/checkers/experience.js';
import { apiKill } from '../../../libs/chaos/src/faults/api-kill.fault.js';
import { etcdQuorumLoss } from '../../../libs/chaos/src/faults/etcd-quorum-loss.fault.js';
import { leaderKill } from '../../../libs/chaos/src/faults/leader-kill.fault.js';
import { postmasterKill } from '../../../libs/chaos/src/faults/postmaster-kill.fault.js';
import { switchover } from '../../../libs/chaos/src/faults/switchover.fault.js';
import { requiredBehaviour } from '../../../libs/chaos/src/load/http.client.js';
import type { LoadOptions } from '../../../libs/chaos/src/load/load.js';
import type { Injection } from '../../../libs/chaos/src/runs/injection.js';
import type { LabSession } from '../../../libs/chaos/src/runs/session.js';
import { lab as settings } from '../../../libs/chaos/test/support/settings.js';
import { deleteProducts } from '../test/support/products.js';
import { median, percentile } from './load.js';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';
import { ServerProcess } from './server.process.js';

const name = 'bench-writes';
const boundMs = 60_000;

const overheadRounds = 40;
const overheadWritesPerRound = 50;
const warmUpWrites = 500;

const warmUpMs = 3_000;
const aftermathMs = 5_000;
const outageMs = 30_000;

const load: LoadOptions = {
  ratePerSecond: 240,
  clients: 32,
  behaviour: requiredBehaviour,
  shares: { create: 25, session: 25, read: 50 },
};
const proxyOutage: Omit<Injection, 'holdMs'> = {
  name: 'haproxy-kill',
  async inject({ nemesis }) {
    await nemesis.kill('haproxy');
    await nemesis.heal('haproxy');
  },
};

const [overheadTable, faultsTable] = await withLab(async (session) => [
  await measureOverhead(),
  await measureFaults(session),
]);
await deleteProducts(name);
await publish('writes', 'Writes: what exactly-once costs, and what it survives', [
  `## Overhead without faults\n\n${overheadRounds} rounds of ${overheadWritesPerRound} \`POST /products\` each in turn, one at a time. Bare: ` +
    '`node:http` and `pg` doing BEGIN, the same INSERT, COMMIT through the same HAProxy.',
  overheadTable,
  `## Faults under load\n\n${load.ratePerSecond} requests a second from ${load.clients} clients through the published port: creates and updates with a key each, and reads. ` +
    'Judged by the checkers of libs/chaos. The last two rows: the proxy itself is killed and started again, seen through it and past it.',
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

async function measureFaults(session: LabSession): Promise<string> {
  const { API_PORT } = session.lab.settings;
  const ownPort = Number(new URL(settings.instanceUrls[1] ?? '').port);
  const faults: [title: string, apiPort: number, fault: Omit<Injection, 'holdMs'>, holdMs: number][] = [
    ['leader container SIGKILL', API_PORT, leaderKill, 0],
    ['postmaster SIGKILL', API_PORT, postmasterKill, 0],
    ['switchover', API_PORT, switchover, 0],
    ['2 of 3 etcd down 30 s', API_PORT, etcdQuorumLoss, outageMs],
    ['HAProxy reload', API_PORT, { name: 'haproxy-reload', inject: ({ nemesis }) => nemesis.reloadHaproxy() }, 0],
    ['API instance SIGKILL', API_PORT, apiKill, 0],
    ['HAProxy killed and restarted', API_PORT, proxyOutage, 0],
    ['the same, on an instance’s own port', ownPort, proxyOutage, 0],
  ];
  const rows = [];
  for (const [title, apiPort, fault, holdMs] of faults) {
    const measured = await measureTrial(session, { ...load, apiPort }, async (trial) => {
      await sleep(warmUpMs);
      await trial.caughtUp(boundMs);
      await trial.inject({ ...fault, holdMs });
      if (fault === etcdQuorumLoss) await trial.heal();
      await trial.caughtUp(boundMs);
      await sleep(aftermathMs);
    });
    rows.push([title, ...rowOf(measured, fault.name)]);
    console.error(rows.at(-1)?.join(' | '));
  }
  return table(
    ['fault', 'requests/s', 'failed', 'lost', 'duplicates', 'ghosts', 'write gap s', 'longest request s'],
    rows,
  );
}

function rowOf({ record, findings }: Measured, fault: string): (string | number)[] {
  const { writeGapMs, longestRequestMs, failed } = experienceOf(record, fault);
  const durationMs = record.history.reduce((last, { endedMs }) => Math.max(last, endedMs), 0);
  const failures = countErrors(failed).byClass;
  return [
    Math.round((1_000 * findings.operations) / durationMs),
    failed.length === 0
      ? 0
      : Object.entries(failures)
          .map(([word, count]) => `${word}×${count}`)
          .join(', '),
    findings.lost + findings.lostUpdates,
    findings.duplicates,
    findings.ghosts,
    writeGapMs === null ? 'none attempted' : (writeGapMs / 1_000).toFixed(2),
    (longestRequestMs / 1_000).toFixed(2),
  ];
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
