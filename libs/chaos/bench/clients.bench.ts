import { setTimeout as sleep } from 'node:timers/promises';
import { clientExperience, type ClientExperience } from '../src/checkers/client.experience.js';
import { leaderKill } from '../src/faults/leader-kill.fault.js';
import { partitionLeader } from '../src/faults/partition-leader.fault.js';
import { postmasterKill } from '../src/faults/postmaster-kill.fault.js';
import { switchover } from '../src/faults/switchover.fault.js';
import { zombie } from '../src/faults/zombie.fault.js';
import { buildClientsImage } from '../src/load/outside.client.js';
import { OutsideLoad } from '../src/load/outside.load.js';
import { carelessPrograms, documentedPrograms, type OutsideProgram } from '../src/load/outside.programs.js';
import type { Injection } from '../src/runs/injection.js';
import type { LabSession } from '../src/runs/session.js';
import { measureTrial, withLab } from './measured.trial.js';
import { publish, table } from './published.table.js';

const runs = 5;
const silentRuns = 2;
const warmUpMs = 3_000;
/** Silent faults last for so long after the failover. A client that has not come back by then is stuck until they are healed. */
const silenceMs = 20_000;
/** Bounds the wait for the clients, also for TCP's next try to reach a member that was silent. */
const backBoundMs = 120_000;

const loud: readonly (readonly [title: string, fault: Injection])[] = [
  ['switchover', switchover],
  ['postmaster killed', postmasterKill],
  ['node killed', leaderKill],
];
const silent: readonly (readonly [title: string, fault: Injection])[] = [
  ['leader frozen', { ...zombie, holdMs: silenceMs }],
  ['leader cut off', { ...partitionLeader, holdMs: silenceMs }],
];

await buildClientsImage();
const [loudTable, silentTable] = await withLab(async (session) => [
  await measure(session, loud, documentedPrograms, runs),
  await measure(session, silent, [...documentedPrograms, ...carelessPrograms], silentRuns),
]);
await publish('clients', 'Clients with and without HAProxy: how long they cannot write', [
  'Each client is a program of infra/clients in a container of its own, all at once under the same faults. It inserts a row every 50 ms over one connection, ' +
    'connects again after an error, and never repeats a write. Time without an acknowledged write: median, and the longest. ' +
    'The last two columns are of all runs: errors that a client was told in one run (median), and rows that are there although their client was told of an error.',
  `## A leader that goes, or dies with its connections closed: ${runs} runs of each\n\n${loudTable}`,
  `## A leader that falls silent: ${silentRuns} runs of each\n\nThe silence lasts ${silenceMs / 1_000} s after another member leads. ` +
    `"until healed": no write before the old leader was back.\n\n${silentTable}`,
]);

async function measure(
  session: LabSession,
  faults: typeof loud,
  programs: readonly OutsideProgram[],
  times: number,
): Promise<string> {
  const seen = new Map(programs.map(({ name }) => [name, faults.map((): ClientExperience[] => [])]));
  for (const [index, [title, fault]] of faults.entries()) {
    for (let run = 1; run <= times; run += 1) {
      const { record } = await measureTrial(
        session,
        (lab, recorder, prefix) => OutsideLoad.prepare(lab, programs, recorder, prefix),
        async (trial) => {
          await trial.caughtUp(backBoundMs);
          await sleep(warmUpMs);
          await trial.inject(fault);
          if (faults === loud) await trial.caughtUp(backBoundMs);
          await trial.heal();
          await trial.caughtUp(backBoundMs);
        },
      );
      for (const [name, experiences] of seen) {
        const experience = clientExperience(record, name);
        experiences[index]?.push(experience);
        console.error(`${title} ${run} | ${name} | ${gapOf([experience])} | ${JSON.stringify(experience)}`);
      }
    }
  }
  const rows = [...seen].map(([name, experiences]) => {
    const all = experiences.flat();
    const sum = (of: (experience: ClientExperience) => number) => all.reduce((total, each) => total + of(each), 0);
    return [
      name,
      ...experiences.map(gapOf),
      `${sum(({ lost }) => lost)} of ${sum(({ acked }) => acked)}`,
      middle(all.map(({ errors }) => Object.values(errors).reduce((total, count) => total + count, 0))),
      sum(({ unexpected }) => unexpected),
    ];
  });
  return table(
    [
      'client',
      ...faults.map(([title]) => `${title}, s`),
      'acknowledged rows lost',
      'errors',
      'rows in spite of an error',
    ],
    rows,
  );
}

/** Median and longest gap in seconds; a client that was stuck in any run is called that. */
function gapOf(experiences: readonly ClientExperience[]): string {
  const gaps = experiences.map(({ writeGapMs = Number.POSITIVE_INFINITY }) => writeGapMs / 1_000);
  const stuck = experiences.filter(({ recovered }) => !recovered).length;
  const figures =
    gaps.length === 1 ? seconds(Math.max(...gaps)) : `${seconds(middle(gaps))}, ${seconds(Math.max(...gaps))}`;
  return stuck === 0 ? figures : `${figures}; ${stuck} of ${gaps.length} until healed`;
}

function seconds(value: number): string {
  return value.toFixed(2);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
