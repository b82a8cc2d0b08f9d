#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { duration, out, whole } from '../../../libs/chaos/src/command-line/arguments.js';
import { interruptible } from '../../../libs/chaos/src/command-line/interrupt.js';
import { printRuns } from '../../../libs/chaos/src/command-line/printed.runs.js';
import { runProgram } from '../../../libs/chaos/src/command-line/program.js';
import { Progress } from '../../../libs/chaos/src/command-line/progress.js';
import { ask } from '../../../libs/chaos/src/command-line/question.js';
import { timeLimited } from '../../../libs/chaos/src/command-line/time.limit.js';
import { exportForElle } from '../../../libs/chaos/src/elle/elle.export.js';
import { LabInUseError } from '../../../libs/chaos/src/faults/fault.journal.js';
import { NotHealedError } from '../../../libs/chaos/src/faults/healing.js';
import { HistoryFormatError } from '../../../libs/chaos/src/history/history.file.js';
import { reportDirectory } from '../../../libs/chaos/src/reports/directory.report.js';
import { readRuns, ResultFormatError } from '../../../libs/chaos/src/results/results.directory.js';
import { CannotRunError } from '../../../libs/chaos/src/runs/cannot.run.error.js';
import { exit, exitOf } from '../../../libs/chaos/src/runs/exit.status.js';
import { runSeries } from '../../../libs/chaos/src/runs/series.js';
import { preparingSql } from '../../../libs/chaos/src/targets/judge.schema.js';
import { planText, tooFewClients, type Plan } from '../../../libs/chaos/src/targets/plan.js';
import { TargetCluster } from '../../../libs/chaos/src/targets/target.cluster.js';
import { readTarget, TargetFileError } from '../../../libs/chaos/src/targets/target.file.js';
import { runTarget } from '../../../libs/chaos/src/targets/target.run.js';
import { type Target, targetJsonSchema } from '../../../libs/chaos/src/targets/target.schema.js';
import { readinessOf } from '../../../libs/chaos/src/targets/target.readiness.js';
import { healthyBoundMs, TargetSession, type SessionOptions } from '../../../libs/chaos/src/targets/target.session.js';

interface TargetFlag {
  readonly target: string;
}

interface RunFlags extends TargetFlag {
  readonly runs: number;
  readonly out?: string;
  readonly rate: number;
  readonly clients: number;
  readonly maxDuration: number;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('postgres-ha-judge')
  .description('Breaks a PostgreSQL cluster under load, by commands that you give, and judges what its clients saw.')
  .version(version)
  .exitOverride()
  .addHelpText('after', '\nExit status: 0 everything passed, 1 a verdict failed, 2 could not run, 130 interrupted.');
const chaos = program.command('chaos').description('break, judge, report');
const target = program.command('target').description('the file that says how a cluster is reached, broken and mended');

const withTarget = (command: Command): Command => command.option('-t, --target <file>', 'the target file', 'judge.yml');

withTarget(chaos.command('list'))
  .description('the faults of the target file')
  .action(async ({ target: path }: TargetFlag) => {
    for (const [name, { description }] of Object.entries((await readTarget(path)).faults))
      out(`${name.padEnd(22)} ${description}`);
  });

withTarget(chaos.command('run'))
  .description('inject faults under load: names of `chaos list`, or `all`')
  .argument('<fault...>')
  .option('--runs <n>', 'how often each', whole(1, 1_000), 1)
  .option('--out <dir>', 'folder for histories and results (default: judge-results/TIME)')
  .option('--rate <n>', 'operations per second, of all kinds together', whole(1, 100_000), 50)
  .option('--clients <n>', 'clients, of all kinds together', whole(1, 10_000), 16)
  .addOption(
    new Option('--max-duration <time>', 'heal and leave after 90s, 10m, 1h')
      .argParser(duration)
      .default(1_800_000, '30m'),
  )
  .option('--yes', 'do not ask before the first break')
  .option('--dry-run', 'print what would be done, and do nothing')
  .option('--json', 'print results as JSON on stdout')
  .action(async (names: string[], flags: RunFlags) => {
    const file = await readTarget(flags.target);
    const plan: Plan = {
      target: file,
      faults: faultsOf(file, names),
      runs: flags.runs,
      ratePerSecond: flags.rate,
      clients: flags.clients,
      maxDurationMs: flags.maxDuration,
    };
    const refusal = tooFewClients(plan);
    if (refusal !== undefined) throw new CannotRunError(refusal);
    if (flags.dryRun === true) out(planText(plan));
    else process.exitCode = flags.yes === true ? await run(plan, flags) : await runIfConfirmed(plan, flags);
  });

withTarget(chaos.command('heal'))
  .description('heals what an interrupted run has left broken, and removes its schema')
  .action(async ({ target: path }: TargetFlag) => {
    const progress = new Progress(process.stderr);
    const wasBroken = await TargetSession.heal(sessionOf(await readTarget(path), path, progress));
    progress.end(wasBroken ? '✓ healed' : '✓ nothing was left broken');
  });

chaos
  .command('report')
  .description('verdicts of a folder of results; writes report.html, junit.xml and summary.json into it')
  .argument('<dir>')
  .option('--json', 'as JSON')
  .action(async (folder: string, { json = false }: { json?: boolean }) => {
    await reportDirectory(folder).catch((cause: Error) => {
      throw new CannotRunError(cause.message, { cause });
    });
    const files = await readRuns(folder);
    printRuns(files, folder, json);
    process.exitCode = exitOf(files);
  });

chaos
  .command('export')
  .description('histories of a folder of results, for another judge')
  .argument('<dir>')
  .requiredOption('--format <format>', 'elle: EDN for elle-cli')
  .option('--out <dir>', 'folder for them (default: the same)')
  .action(async (folder: string, { format, out: to }: { format: string; out?: string }) => {
    if (format !== 'elle') throw new CannotRunError(`there is no format '${format}'; there is: elle`);
    const files = await exportForElle(folder, to);
    if (files.length === 0) throw new CannotRunError(`${folder} holds no history (*.history.jsonl)`);
    for (const { path, model } of files) out(`elle-cli --model ${model} ${path}`);
  });

withTarget(target.command('check'))
  .description('reads the file, asks the cluster, and says what cannot be judged or run; changes nothing')
  .action(async ({ target: path }: TargetFlag) => {
    const file = await readTarget(path);
    const cluster = await TargetCluster.open(file, sourceOf(path));
    const leader = await cluster.view.leader();
    out(
      `${file.name}: reached; ${leader === '' ? 'somebody' : leader} leads; ${Object.keys(file.faults).length} faults`,
    );
    for (const { figure, reason } of cluster.untold) out(`not judged: ${figure}: ${reason}`);
    const readiness = await readinessOf(
      cluster,
      Object.keys(file.faults),
      healthyBoundMs,
      new AbortController().signal,
    );
    if ('refusals' in readiness) throw new CannotRunError(readiness.refusals.join('\n'));
    out(readiness.schema === 'use' ? 'schema: prepared by an owner' : 'schema: the judge makes it, and drops it again');
  });

target
  .command('schema')
  .description('the JSON Schema of target files, for editors')
  .action(() => out(JSON.stringify(targetJsonSchema(), null, 2)));

withTarget(target.command('sql'))
  .description('SQL for an owner who prepares the schema, where the judge may create none')
  .action(async ({ target: path }: TargetFlag) => out(preparingSql((await readTarget(path)).sql.write.user).trimEnd()));

function faultsOf({ faults }: Target, names: readonly string[]): string[] {
  const known = Object.keys(faults);
  const unknown = names.filter((name) => name !== 'all' && !known.includes(name));
  if (unknown.length > 0)
    throw new CannotRunError(`the target has no fault '${unknown.join("', '")}'; it has: ${known.join(', ')}`);
  return [...new Set(names.flatMap((name) => (name === 'all' ? known : [name])))];
}

const sourceOf = (path: string) => ({ environment: process.env, folder: dirname(resolve(path)) });

const sessionOf = (file: Target, path: string, progress: Progress): SessionOptions => ({
  target: file,
  source: sourceOf(path),
  stateFolder: join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'postgres-ha-judge'),
  say: progress.say,
});

/** Runs the plan if a person says that this cluster may be broken. */
async function runIfConfirmed(plan: Plan, flags: RunFlags): Promise<number> {
  out(planText(plan));
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new CannotRunError(
      'nobody can be asked here whether this may be done; say --yes, or look first by --dry-run',
    );
  const { name } = plan.target;
  const answer = await ask(`\nThis breaks ${name}. Its name, to go on: `, {
    input: process.stdin,
    output: process.stdout,
  });
  if (answer === name) return run(plan, flags);
  process.stderr.write('not confirmed, nothing was done\n');
  return answer === undefined ? exit.interrupted : exit.couldNotRun;
}

async function run({ target: file, faults, runs, ratePerSecond, clients, maxDurationMs }: Plan, flags: RunFlags) {
  const { json = false } = flags;
  const folder = flags.out ?? join('judge-results', new Date().toISOString().replaceAll(/[:.]/g, '-'));
  const progress = new Progress(process.stderr);
  const work = async (signal: AbortSignal): Promise<number> => {
    const session = await TargetSession.open(sessionOf(file, flags.target, progress), faults, signal);
    try {
      const runOne = (fault: string, number: number) =>
        runTarget(session, { fault, run: number, ratePerSecond, clients, folder, signal, say: progress.say });
      const series = { scenarios: faults, nameOf: (name: string) => name, runs, folder, runOne };
      const files = await runSeries(series, progress).finally(() => reportIfAny(folder));
      printRuns(files, folder, json);
      return exitOf(files);
    } finally {
      await session.close();
    }
  };
  return interruptible(program.name(), progress, (interrupt) => timeLimited(maxDurationMs, interrupt, work));
}

async function reportIfAny(folder: string): Promise<void> {
  const files = await readRuns(folder).catch(() => []);
  if (files.length > 0) await reportDirectory(folder);
}

await runProgram(program, [
  CannotRunError,
  HistoryFormatError,
  LabInUseError,
  NotHealedError,
  ResultFormatError,
  TargetFileError,
]);
