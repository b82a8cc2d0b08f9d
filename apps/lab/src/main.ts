import { constants, setPriority } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { catalogue, faultsNamed, UnknownScenarioError } from '../../../libs/chaos/src/faults/catalogue.js';
import { NotHealedError } from '../../../libs/chaos/src/faults/healing.js';
import { LabInUseError } from '../../../libs/chaos/src/faults/fault.journal.js';
import { ToolboxMissingError } from '../../../libs/cluster/src/containers.js';
import { readSettings } from '../../../libs/cluster/src/lab.settings.js';
import { reportDirectory } from '../../../libs/chaos/src/reports/directory.report.js';
import { readRuns } from '../../../libs/chaos/src/results/results.directory.js';
import type { RunFile } from '../../../libs/chaos/src/results/run.result.js';
import { duration, out, whole } from '../../../libs/chaos/src/command-line/arguments.js';
import { interruptible } from '../../../libs/chaos/src/command-line/interrupt.js';
import { printRuns } from '../../../libs/chaos/src/command-line/printed.runs.js';
import { runProgram } from '../../../libs/chaos/src/command-line/program.js';
import { Progress } from '../../../libs/chaos/src/command-line/progress.js';
import { exitOf, exitOfProofs } from '../../../libs/chaos/src/runs/exit.status.js';
import { judgeAgain } from '../../../libs/chaos/src/runs/judge.js';
import { CannotRunError } from '../../../libs/chaos/src/runs/cannot.run.error.js';
import { LabSession } from '../../../libs/chaos/src/runs/session.js';
import { mutations } from '../../../libs/chaos/src/mutations/mutations.js';
import { mutated, ordinary, type Scenario } from '../../../libs/chaos/src/runs/scenario.js';
import { leastClientsOfLab, runSuite } from '../../../libs/chaos/src/runs/suite.js';

interface RunFlags {
  readonly runs: number;
  readonly out?: string;
  readonly rate: number;
  readonly clients: number;
  readonly seed: number;
  readonly duration?: number;
  readonly alerts?: boolean;
  readonly json?: boolean;
}

const program = new Command('scripts/lab chaos')
  .description('Breaks the running lab under load, and judges what its clients saw.')
  .exitOverride()
  .addHelpText('after', '\nExit status: 0 everything passed, 1 a verdict failed, 2 could not run.');

program
  .command('list')
  .description('the faults that can be injected')
  .action(() => {
    for (const { name, title, quick } of catalogue)
      out(`${name.padEnd(22)} ${title}${quick === true ? ' [quick]' : ''}`);
  });

const withRunOptions = (command: Command): Command =>
  command
    .option('--runs <n>', 'how often each', whole(1, 1_000), 1)
    .option('--out <dir>', 'folder for histories and results (default: .lab/chaos/TIME)')
    .option('--rate <n>', 'operations per second, of all kinds together', whole(1, 100_000), 120)
    .option('--clients <n>', 'clients, of all kinds together', whole(leastClientsOfLab, 10_000), 48)
    .option('--seed <n>', 'repeats every random choice', whole(0, 2 ** 31), 1)
    .option('--json', 'print results as JSON on stdout');

withRunOptions(program.command('run'))
  .description('inject faults under load: names of `chaos list`, `quick` or `all`')
  .argument('<scenario...>')
  .option('--duration <time>', 'of soak: 90s, 10m, 1h', duration)
  .option('--alerts', 'each fault must raise its alerts in Prometheus (scripts/lab observe on), and no other')
  .action(async (names: string[], flags: RunFlags) => {
    await runAll(faultsNamed(names).map(ordinary), flags, exitOf);
  });

withRunOptions(program.command('mutate'))
  .description('take one protection away at a time: the checkers must see what it costs')
  .action(async (flags: RunFlags) => {
    await runAll(mutations().map(mutated), flags, exitOfProofs);
  });

async function runAll(
  scenarios: readonly Scenario[],
  flags: RunFlags,
  status: (files: readonly RunFile[]) => number,
): Promise<void> {
  const { runs, clients, seed, rate: ratePerSecond, duration: durationMs, alerts = false, json = false } = flags;
  const folder = fromCaller(flags.out) ?? `.lab/chaos/${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  const progress = new Progress(process.stderr);
  process.exitCode = await withLab(progress, async (session, signal) => {
    const prometheus = alerts ? await prometheusOf(session) : undefined;
    const options = { scenarios, runs, seed, ratePerSecond, clients, folder, durationMs, signal, prometheus };
    // A suite that could not go on gets a report, too, of the runs that it did.
    const files = await runSuite(session, options, progress).finally(() => reportIfAny(folder));
    printRuns(files, folder, json);
    return status(files);
  });
}

/** Where Prometheus is asked. @throws CannotRunError when it is not on */
async function prometheusOf({ lab }: LabSession): Promise<string> {
  const prometheus = await lab.prometheus();
  if (prometheus !== undefined) return prometheus;
  throw new CannotRunError('nothing watches the alerts; switch it on: scripts/lab observe on');
}

async function reportIfAny(folder: string): Promise<void> {
  const runs = await readRuns(folder).catch(() => []);
  if (runs.length > 0) await reportDirectory(folder);
}

program
  .command('heal')
  .description('heals what an interrupted run or test has left broken')
  .action(async () => {
    const progress = new Progress(process.stderr);
    const wasBroken = await LabSession.heal(readSettings(process.env), progress.say);
    progress.end(wasBroken ? '✓ healed' : '✓ nothing was left broken');
  });

program
  .command('judge')
  .description('judges the kept histories of a folder again, and writes its results and report anew')
  .argument('<dir>')
  .option('--json', 'as JSON')
  .action(async (dir: string, { json }: { json?: boolean }) => {
    const folder = fromCaller(dir) ?? dir;
    const progress = new Progress(process.stderr);
    await judgeAgain(folder, progress.say).catch(cannotRun);
    await showReport(folder, json === true);
  });

program
  .command('report')
  .description('verdicts of a folder of results; writes report.html, junit.xml and summary.json into it')
  .argument('<dir>')
  .option('--json', 'as JSON')
  .action(async (dir: string, { json }: { json?: boolean }) => {
    await showReport(fromCaller(dir) ?? dir, json === true);
  });

async function showReport(folder: string, json: boolean): Promise<void> {
  await reportDirectory(folder).catch(cannotRun);
  const files = await readRuns(folder);
  printRuns(files, folder, json);
  process.exitCode = exitOf(files);
}

function cannotRun(cause: unknown): never {
  throw new CannotRunError(cause instanceof Error ? cause.message : String(cause), { cause });
}

/** A path as the user meant it: `scripts/lab` changes to the repository's folder, and passes on where it was called. */
const fromCaller = (dir: string | undefined): string | undefined =>
  dir === undefined ? undefined : resolve(process.env['CALLER_DIR'] ?? '.', dir);

/** Opens a session for `work`. Ctrl-C ends the work early, and the lab is healed before the process ends. */
function withLab(
  progress: Progress,
  work: (session: LabSession, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  // The kernel may give all containers together no more time than this one program: it must not starve what it measures.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  return interruptible(program.name(), progress, async (signal) => {
    const session = await LabSession.open(readSettings(process.env), progress.say, signal);
    try {
      return await work(session, signal);
    } finally {
      await session.close();
    }
  });
}

await runProgram(program, [CannotRunError, LabInUseError, NotHealedError, ToolboxMissingError, UnknownScenarioError]);
