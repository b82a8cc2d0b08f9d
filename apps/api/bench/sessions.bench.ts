import { setTimeout as sleep } from 'node:timers/promises';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';
import { measureTrial, withLab, type Measured } from '../../../libs/chaos/bench/measured.trial.js';
import { leaderKill } from '../../../libs/chaos/src/faults/leader-kill.fault.js';
import { switchover } from '../../../libs/chaos/src/faults/switchover.fault.js';
import { requiredBehaviour } from '../../../libs/chaos/src/load/http.client.js';
import type { Injection } from '../../../libs/chaos/src/runs/injection.js';

const load = { ratePerSecond: 250, clients: 16, behaviour: requiredBehaviour, shares: { session: 1 } };
const faultAfterMs = 5_000;
const durationMs = 200_000;
const catchUpBoundMs = 60_000;

const frozenReplica: Omit<Injection, 'holdMs'> = {
  name: 'frozen-replica',
  inject: ({ nemesis, replicas: [replica] }) => nemesis.freezeReplay(replica),
};
const scenarios: readonly (readonly [title: string, fault: Omit<Injection, 'holdMs'> | undefined])[] = [
  ['no fault', undefined],
  ['one replica replays nothing', frozenReplica],
  ['switchover', switchover],
  ['SIGKILL of the leader', leaderKill],
];

const rows = await withLab(async (session) => {
  const measured = [];
  for (const [title, fault] of scenarios) {
    const trial = await measureTrial(session, load, async (running) => {
      await sleep(faultAfterMs);
      if (fault !== undefined) await running.inject({ ...fault, holdMs: 0 });
      await sleep(durationMs - faultAfterMs);
      await running.caughtUp(catchUpBoundMs);
    });
    measured.push(rowOf(title, trial));
    console.error(measured.at(-1)?.join(' | '));
  }
  return measured;
});

await publish('sessions', 'Sessions: do they ever miss their own write?', [
  `${load.clients} concurrent sessions through the published port, ${load.ratePerSecond} requests a second for ${durationMs / 1_000} s in each row; the fault strikes ` +
    `${faultAfterMs / 1_000} s in. A session writes its own register, those of all and rows of its own, and reads them back with the token it was given last. ` +
    'Judged by the checkers of libs/chaos.',
  table(
    [
      'fault',
      'acknowledged writes',
      'session reads',
      'read-your-writes violations',
      'monotonic violations',
      'reads by replicas',
      'failed requests',
    ],
    rows,
  ),
]);

function rowOf(title: string, { record, findings }: Measured) {
  const reads = record.history.filter(({ action, outcome }) => action === 'read' && outcome === 'ok');
  const byReplicas = reads.filter(({ role }) => role === 'replica').length;
  return [
    title,
    findings.acked,
    reads.length,
    findings.readYourWritesViolations,
    findings.monotonicViolations,
    `${((100 * byReplicas) / reads.length).toFixed(1)} %`,
    findings.http.failed,
  ];
}
