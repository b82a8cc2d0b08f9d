import { withLab } from '../../../libs/chaos/bench/measured.trial.js';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';
import { lab as settings } from '../../../libs/chaos/test/support/settings.js';
import { measure, median, medians, percentile, type Measured } from './load.js';
import { inALine, measureRound, type Round } from './round.js';

const rounds = 7;
const writeSeconds = 8;
/** Both instances of the service have just been started. */
const warmUpSeconds = 4;
const healthyBoundMs = 120_000;
const headers = { 'Content-Type': 'application/json' };
const body = JSON.stringify({ name: 'backup', price: 1 });

interface Measurement extends Round {
  readonly writes: Measured;
}

const results = await withLab(async ({ lab }) => {
  const wasOn = await lab.hasBackup();
  const found = new Map<string, Measurement[]>();
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const [title, to] of [
        ['no backup', 'off'],
        ['every commit is received', 'on'],
      ] as const) {
        await lab.backup(to);
        await lab.waitHealthy(healthyBoundMs);
        const target = { url: `${settings.apiUrl}/products`, method: 'POST', headers, body } as const;
        await measure(target, warmUpSeconds);
        const writes = await measure(target, writeSeconds);
        const result = { writes, ...(await measureRound({ api: settings.apiUrl, sql: settings.sql })) };
        console.error(
          `${round}/${rounds} ${title}: ${writes.requestsPerSecond.toFixed(0)} writes/s, ${inALine(result)}`,
        );
        found.set(title, [...(found.get(title) ?? []), result]);
      }
    }
  } finally {
    await lab.backup(wasOn ? 'on' : 'off');
  }
  return found;
});

/** With a backup, relative to the round without one just before: what the machine does in the course of the rounds is in both. */
const relative = (of: (round: Measurement) => number): string => {
  const [without = [], received = []] = [...results.values()];
  return median(received.map((round, index) => of(round) / of(without[index] as Measurement))).toFixed(2);
};

await publish('backup', 'What a backup costs', [
  `The same lab with \`scripts/lab backup off\` and \`on\`, in turn, ${rounds} rounds of each: POST /products over 32 connections for ${writeSeconds} s, GET /products/{id} over 32 connections for 6 s, and POST /products one after the other. The medians of the rounds; p95 over all rounds.`,
  table(
    ['lab', 'writes/s', 'p50 ms', 'p99 ms', 'reads/s', 'failed', 'single write p50 ms', 'p95 ms'],
    [...results].map(([title, all]) => {
      const writes = medians(all.map((round) => round.writes));
      const reads = medians(all.map((round) => round.reads));
      return [
        title,
        writes.requestsPerSecond.toFixed(0),
        writes.p50Ms,
        writes.p99Ms,
        reads.requestsPerSecond.toFixed(0),
        writes.failures + reads.failures,
        median(all.map(({ writeMs }) => median(writeMs))).toFixed(1),
        percentile(
          all.flatMap(({ writeMs }) => writeMs),
          95,
        ).toFixed(1),
      ];
    }),
  ),
  `Each round with a backup relative to the one just before without, median: ${relative(({ writes }) => writes.requestsPerSecond)} × the writes/s, ${relative(({ reads }) => reads.requestsPerSecond)} × the reads/s, ${relative(({ writeMs }) => median(writeMs))} × the p50 of single writes.`,
]);
