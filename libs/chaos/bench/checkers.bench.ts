import { publish, table } from './published.table.js';
import { blockOperations, judge } from '../test/support/scale.js';

const blocks = 40;
const rounds = 3;
const mostCpuSeconds = 30;
const mostMiB = 1_024;

const rows: [round: number, cpuSeconds: number, peakMiB: number][] = [];
for (let round = 1; round <= rounds; round += 1) {
  const [{ findings, cpuMs, peakBytes }] = await judge(blocks);
  if (findings['operations'] !== blocks * blockOperations) throw new Error('operations are missing');
  rows.push([round, Math.round(cpuMs / 100) / 10, Math.round(peakBytes / 2 ** 20)]);
}

await publish('checkers', 'Judging a million operations', [
  `A simulated clean history of ${(blocks * blockOperations).toLocaleString('en')} operations, read from disk and put before every checker, in a process of its own.`,
  table(['round', 'processor time, s', 'peak memory, MiB'], rows),
]);
if (rows.some(([, cpuSeconds, peakMiB]) => cpuSeconds > mostCpuSeconds || peakMiB > mostMiB)) {
  console.error(`More than ${mostCpuSeconds} s or ${mostMiB} MiB.`);
  process.exitCode = 1;
}
