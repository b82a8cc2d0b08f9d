import { setTimeout as sleep } from 'node:timers/promises';
import { LabController } from '../test/support/lab.controller.js';
import { runSessions, type SessionReport } from '../test/support/session.workload.js';
import { lab as settings } from '../test/support/settings.js';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';

const sessions = 16;
const pairs = 20_000;
const faultAfterMs = 5_000;
const healthyBoundMs = 120_000;

const lab = new LabController();

interface Scenario {
  readonly title: string;
  readonly strike: () => Promise<unknown>;
}

const nothing: Scenario = { title: 'no fault', strike: () => Promise.resolve() };

const scenarios: readonly Scenario[] = [
  nothing,
  { title: 'one replica replays nothing', strike: async () => lab.freezeReplay((await lab.replicas())[0] ?? '') },
  {
    title: 'switchover',
    strike: async () => lab.switchover(await lab.leader(), (await lab.replicas())[0] ?? ''),
  },
  { title: 'SIGKILL of the leader', strike: async () => lab.kill(await lab.leader()) },
];

const rows = [];
for (const { title, strike } of scenarios) {
  await lab.heal(healthyBoundMs);
  const startedMs = performance.now();
  const report = runSessions({ url: settings.apiUrl, sessions, pairs });
  await sleep(faultAfterMs);
  await strike();
  rows.push(row(title, await report, (performance.now() - startedMs) / 1_000));
  console.error(rows.at(-1)?.join(' | '));
}
await lab.heal(healthyBoundMs);
await lab.deleteProducts('session-');

await publish('sessions', 'Sessions: do they ever miss their own write?', [
  `${sessions} concurrent sessions, ${pairs} write-then-read pairs for each row, through the published port; the fault strikes ${faultAfterMs / 1_000} s ` +
    'in. After each write a session reads its own row, then that of another session.',
  table(
    [
      'fault',
      'pairs',
      'read-your-writes violations',
      'monotonic violations',
      'reads by replicas',
      'failed requests',
      's',
    ],
    rows,
  ),
]);

function row(title: string, report: SessionReport, seconds: number) {
  const { replica = 0, leader = 0 } = report.servedByRole;
  const failed = Object.entries(report.failures).map(([outcome, count]) => `${outcome}×${count}`);
  return [
    title,
    report.pairs,
    report.readYourWrites.length,
    report.monotonic.length,
    `${((100 * replica) / (replica + leader)).toFixed(1)} %`,
    failed.join(', ') || 0,
    seconds.toFixed(0),
  ];
}
