import { percentile, sorted } from '../src/numbers/sorted.js';
import { PlainClients, type PlainResult } from '../test/support/plain.clients.js';
import { runScript } from '../test/support/script.js';
import { lab as settings } from '../test/support/settings.js';
import { pause } from '../../cluster/src/wait.js';
import { barsChart } from './bars.chart.js';
import { withLab } from './measured.trial.js';
import { publish, table } from './published.table.js';

const runs = 20;
const each = 5;
const aroundMs = 2_000;
const healthyBoundMs = 180_000;
const mostGapMs = 2_500;

const ways = { 'with --pause': ['--pause'], ordinary: [] };
const results = await withLab(async ({ lab, nemesis }) => {
  if ((await lab.containers.list()).every(({ service }) => service !== 'pooler1')) {
    await nemesis.healLater({ kind: 'removePoolers' });
    await lab.pooler('on');
  }
  const seen: Record<string, PlainResult[]> = {};
  for (let run = 1; run <= runs; run += 1) {
    for (const [way, args] of Object.entries(ways)) {
      await lab.waitHealthy(healthyBoundMs);
      const clients = new PlainClients(settings.pooledWritePort);
      clients.start(each);
      await pause(aroundMs);
      await runScript('lab', 'switchover', ...args);
      await pause(aroundMs);
      const result = await clients.stop(lab);
      (seen[way] ??= []).push(result);
      console.error(`${run} ${way}: ${result.errors.length} errors, gap ${(result.gapMs / 1_000).toFixed(2)} s`);
    }
  }
  return seen;
});

const gapMs = (way: string, percent: number) =>
  percentile(sorted((results[way] ?? []).map((result) => result.gapMs)), percent) ?? NaN;
const sum = (way: string, of: (result: PlainResult) => number) =>
  (results[way] ?? []).reduce((total, result) => total + of(result), 0);
const seconds = (ms: number) => (ms / 1_000).toFixed(2);
const inSeconds = (ms: number) => Math.round(ms / 10) / 100;

await publish(
  'handover',
  'A switchover that plain SQL clients do not notice',
  [
    `${runs} switchovers of each kind in turn. ${3 * each} clients of :5010 insert rows and never try anything again: ${each} with a connection each and one statement at a time, ` +
      `${each} with a connection each and short transactions, ${each} with a new connection for each row. The gap is the longest time without an acknowledged row.`,
    table(
      ['switchover', 'acknowledged', 'errors', 'runs with errors', 'lost', 'gap median s', 'p95 s', 'max s'],
      Object.keys(ways).map((way) => [
        way,
        sum(way, ({ acknowledged }) => acknowledged),
        sum(way, ({ errors }) => errors.length),
        sum(way, ({ errors }) => Number(errors.length > 0)),
        sum(way, ({ lost }) => lost),
        ...[50, 95, 100].map((percent) => seconds(gapMs(way, percent))),
      ]),
    ),
  ],
  barsChart(
    'Time without an acknowledged row, s',
    Object.keys(ways),
    Object.entries({ median: 50, p95: 95, longest: 100 }).map(([label, percent]) => ({
      label,
      values: Object.keys(ways).map((way) => inSeconds(gapMs(way, percent))),
    })),
  ),
);
const [paused = ''] = Object.keys(ways);
if (sum(paused, ({ errors, lost }) => errors.length + lost) > 0 || gapMs(paused, 100) > mostGapMs) {
  console.error(`With --pause: an error, a lost row, or more than ${mostGapMs / 1_000} s.`);
  process.exitCode = 1;
}
