import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { measureTrial, withLab } from '../../../libs/chaos/bench/measured.trial.js';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';
import { gapsOf } from '../../../libs/chaos/src/checkers/check.js';
import { experienceOf } from '../../../libs/chaos/src/checkers/experience.js';
import { postmasterKill } from '../../../libs/chaos/src/faults/postmaster-kill.fault.js';
import { switchover } from '../../../libs/chaos/src/faults/switchover.fault.js';
import { requiredBehaviour } from '../../../libs/chaos/src/load/http.client.js';
import type { LoadOptions } from '../../../libs/chaos/src/load/load.js';
import type { LabSession } from '../../../libs/chaos/src/runs/session.js';
import { sessionsOf } from '../../../libs/cluster/src/haproxy.stats.js';
import type { Lab } from '../../../libs/cluster/src/lab.js';
import { TcpServer } from '../../../libs/cluster/src/tcp.server.js';
import { median, percentile } from './load.js';
import { ServerProcess } from './server.process.js';

const rounds = 4;
const coresPerMember = 0.4;
const load: LoadOptions = { ratePerSecond: 120, clients: 48, behaviour: requiredBehaviour };
const candidates = { 'as many as wait': '0', 'as many as are needed': '4' };
const faults = [switchover, postmasterKill];

const warmUpMs = 4_000;
const aftermathMs = 4_000;
const catchUpBoundMs = 90_000;
const sampleMs = 100;
const windowMs = 2_000;

interface Storm {
  readonly connects: number;
  readonly peak: number;
  readonly httpGapMs: number;
  readonly sqlGapMs: number;
  readonly failed: number;
}

/** Passes connections to the two instances in turn. */
class Spread extends TcpServer {
  private passed = 0;

  constructor(private readonly ports: readonly number[]) {
    super();
  }

  protected accept(client: Socket): void {
    const target = connect(this.ports[this.passed % this.ports.length] ?? 0, '127.0.0.1');
    this.passed += 1;
    this.track(target);
    client.pipe(target).pipe(client);
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  }
}

const storms = new Map<string, Storm[]>();
await withLab(async (session) => {
  // In turn, so that a slow minute of the machine does not fall on one candidate alone.
  for (let round = 1; round <= rounds; round += 1)
    for (const fault of faults)
      for (const [title, atOnce] of Object.entries(candidates)) {
        const row = `${fault.name} | ${title}`;
        const storm = await measure(session, fault, atOnce);
        console.error(`${round}/${rounds} ${row}: ${JSON.stringify(storm)}`);
        storms.set(row, [...(storms.get(row) ?? []), storm]);
      }
});

await publish('storms', 'Connection storms: what reconnects at once when the members are slow', [
  `Each member has ${coresPerMember} of a core (CPU quota). Two instances of the service, ${load.ratePerSecond} operations a second by ${load.clients} clients of the service and of ` +
    `SQL; ${rounds} runs of each row, in turn. A pool opens either a connection for every request that waits, or those that are needed (\`DB_CONCURRENT_CONNECTS\` 0 and 4). ` +
    `Connects: what HAProxy passed on to members, of all clients, in the ${windowMs / 1_000} s and the ${sampleMs} ms with the most of them. Gaps: median/p95 (the longest of few).`,
  table(
    [
      'fault',
      'a pool opens',
      'connects in 2 s',
      'in 100 ms',
      'write gap HTTP s',
      'write gap SQL s',
      'failed HTTP requests',
    ],
    [...storms].map(([row, all]) => {
      const of = (pick: (storm: Storm) => number) => all.map(pick);
      const seconds = (gaps: number[]) =>
        [median(gaps), percentile(gaps, 95)].map((gapMs) => (gapMs / 1_000).toFixed(2)).join('/');
      return [
        ...row.split(' | '),
        median(of(({ connects }) => connects)),
        median(of(({ peak }) => peak)),
        seconds(of(({ httpGapMs }) => httpGapMs)),
        seconds(of(({ sqlGapMs }) => sqlGapMs)),
        of(({ failed }) => failed).reduce((sum, failed) => sum + failed, 0),
      ];
    }),
  ),
]);

async function measure(session: LabSession, fault: (typeof faults)[number], atOnce: string): Promise<Storm> {
  const { lab, nemesis } = session;
  const overrides = { DB_CONCURRENT_CONNECTS: atOnce };
  const instances = await Promise.all([ServerProcess.service(overrides), ServerProcess.service(overrides)]);
  const spread = new Spread(instances.map(({ url }) => Number(new URL(url).port)));
  try {
    const apiPort = await spread.open();
    let sessions: number[] = [];
    const { record } = await measureTrial(session, { ...load, apiPort }, async (trial) => {
      await sleep(warmUpMs);
      await nemesis.slow(coresPerMember, ...lab.members);
      await sleep(warmUpMs);
      const counting = new AbortController();
      const counted = countSessions(lab, counting.signal);
      await trial.inject({ ...fault, holdMs: aftermathMs });
      await trial.caughtUp(catchUpBoundMs);
      counting.abort();
      sessions = await counted;
    });
    const faultMs = record.events.find(({ kind, detail }) => kind === 'fault' && detail === fault.name)?.atMs;
    const gapMs = (channel: 'http' | 'sql') => gapsOf(record.history, channel, faultMs).write?.gapMs ?? NaN;
    return {
      connects: mostWithin(sessions, windowMs / sampleMs),
      peak: mostWithin(sessions, 1),
      httpGapMs: Math.round(gapMs('http')),
      sqlGapMs: Math.round(gapMs('sql')),
      failed: experienceOf(record, fault.name).failed.length,
    };
  } finally {
    await spread.close();
    await Promise.all(instances.map((instance) => instance.stop()));
  }
}

/** The sessions that HAProxy had passed on to members of PostgreSQL, every {@link sampleMs} until aborted. */
async function countSessions(lab: Lab, signal: AbortSignal): Promise<number[]> {
  const counts: number[] = [];
  for (let atMs = performance.now(); !signal.aborted; atMs += sampleMs) {
    counts.push(sessionsOf(await lab.haproxyCsv(), ['leader', 'replicas']));
    await sleep(Math.max(0, atMs + sampleMs - performance.now()));
  }
  return counts;
}

/** The largest increase over so many samples. */
function mostWithin(counts: readonly number[], samples: number): number {
  return Math.max(...counts.map((count, index) => count - (counts[Math.max(0, index - samples)] ?? count)));
}
