import { cpus } from 'node:os';
import { LabController } from '../../api/test/support/lab.controller.js';
import { killLeader, type LeaderKill } from '../test/support/leader.kill.js';

const runs = Number(process.argv[2] ?? 20);

const lab = new LabController();
const results: LeaderKill[] = [];
for (let run = 1; run <= runs; run += 1) {
  const result = await killLeader(lab);
  results.push(result);
  console.log(JSON.stringify({ run, ...result, writes: summary(result) }));
}
const sorted = results.map(({ writeGapMs }) => Math.round(writeGapMs)).toSorted((a, b) => a - b);
const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
console.log(
  JSON.stringify({
    runs,
    cores: cpus().length,
    writeGapMs: { min: rank(0), median: rank(0.5), p95: rank(0.95), max: rank(1) },
    lost: results.reduce((sum, { writes }) => sum + writes.lost.length, 0),
    duplicates: results.reduce((sum, { writes }) => sum + writes.duplicates.length, 0),
  }),
);

function summary({ writes }: LeaderKill) {
  const { acknowledged, failed, lost, duplicates, ghosts } = writes;
  return { acknowledged, failed, lost: lost.length, duplicates: duplicates.length, ghosts: ghosts.length };
}
