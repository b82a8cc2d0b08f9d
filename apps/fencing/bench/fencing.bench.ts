import { publish, table } from '../../api/bench/results.js';
import { LabController } from '../../api/test/support/lab.controller.js';
import { fencing } from '../test/support/fencing.switch.js';
import { killLeader, type LeaderKill, type Phases } from '../test/support/leader.kill.js';

const runs = Number(process.argv[2] ?? 20);

const lab = new LabController();
const kills: LeaderKill[] = [];
await lab.heal();
await fencing('on');
try {
  for (let run = 1; run <= runs; run += 1) {
    const kill = await killLeader(lab);
    kills.push(kill);
    console.log(
      `${run}: ${seconds(kill.writeGapMs)} s, alone ${seconds(kill.singleGapMs)} s ${JSON.stringify(kill.phases)} lost ${kill.writes.lost.length}`,
    );
  }
} finally {
  await fencing('off');
}

const phases: [title: string, phase: keyof Phases][] = [
  ['lock taken away', 'fencedMs'],
  ['lock taken by another', 'lockTakenMs'],
  ['promoted', 'promotedMs'],
  ['the other standby follows', 'standbyFollowsMs'],
  ['HAProxy: UP', 'proxyUpMs'],
];
const rows = phases.map(([title, phase]) => [title, ...spread(kills.flatMap((kill) => kill.phases[phase] ?? []))]);
const sum = (count: (kill: LeaderKill) => number) => kills.reduce((total, kill) => total + count(kill), 0);

await publish('fencing', 'SIGKILL of the leader with fencing on', [
  `${runs} runs, clients that insert by plain SQL through HAProxy's port of the leader and connect again after an error. Seconds. The gap ` +
    'is the longest time between two acknowledged inserts; phases count from the moment the kill was asked for, by the logs.',
  table(
    ['', 'min', 'median', 'p95', 'max'],
    [
      ['**write gap**, four clients', ...spread(kills.map(({ writeGapMs }) => writeGapMs))],
      ['write gap, one client', ...spread(kills.map(({ singleGapMs }) => singleGapMs))],
      ...rows,
    ],
  ),
  `Inserts acknowledged: ${sum(({ writes }) => writes.acknowledged)}, lost: ${sum(({ writes }) => writes.lost.length)}, ` +
    `twice: ${sum(({ writes }) => writes.duplicates.length)}. Answered with an error, as plain SQL clients are: ` +
    `${sum(({ writes }) => writes.failed)}, of these stored: ${sum(({ writes }) => writes.ghosts.length)}.`,
  `All gaps of four clients: ${kills.map(({ writeGapMs }) => seconds(writeGapMs)).join(', ')}.`,
]);

function spread(values: readonly number[]): string[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [0, 0.5, 0.95, 1].map((share) => seconds(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]));
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '–' : (ms / 1_000).toFixed(2);
}
