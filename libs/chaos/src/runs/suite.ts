import { mkdir, readdir } from 'node:fs/promises';
import { nextRun } from '../results/results.directory.js';
import type { RunFile } from '../results/run.result.js';
import { isSkipped } from '../results/run.result.js';
import { runOnce } from './run.js';
import type { RunWatch } from './run.watch.js';
import type { Scenario } from './scenario.js';
import type { LabSession } from './session.js';
import { seconds, verdictWord } from './summary.js';

const healthyBoundMs = 240_000;

/** Which scenarios, how often, under what load. */
export interface SuiteOptions {
  readonly scenarios: readonly Scenario[];
  /** How many runs of each scenario. */
  readonly runs: number;
  readonly seed: number;
  readonly ratePerSecond: number;
  readonly clients: number;
  readonly folder: string;
  readonly durationMs?: number | undefined;
  readonly signal: AbortSignal;
  /** Sees each run while it goes on. */
  readonly watch?: RunWatch | undefined;
  /** See `RunOptions`. */
  readonly prometheus?: string | undefined;
  /** See `RunOptions`. */
  readonly healEarly?: AbortSignal | undefined;
}

/** Where a suite prints its progress. */
export interface SuiteProgress {
  start(title: string): void;
  say(what: string): void;
  end(line: string): void;
}

/** Runs every scenario so many times, each run on a healthy lab. Run numbers continue those in the folder. */
export async function runSuite(
  session: LabSession,
  options: SuiteOptions,
  progress: SuiteProgress,
): Promise<RunFile[]> {
  const done: RunFile[] = [];
  await mkdir(options.folder, { recursive: true });
  for (const scenario of options.scenarios) {
    const { name } = scenario.fault;
    const first = nextRun(await readdir(options.folder), name);
    for (let index = 0; index < options.runs; index += 1) {
      const run = first + index;
      progress.start(options.runs === 1 ? name : `${name} ${index + 1}/${options.runs}`);
      await session.lab.waitHealthy(healthyBoundMs, options.signal);
      const file = await runScenario(session, scenario, run, options, progress.say);
      done.push(file);
      progress.end(liveLine(file));
    }
  }
  return done;
}

async function runScenario(
  { lab, nemesis }: LabSession,
  { fault, behaviour, overrides, swallower }: Scenario,
  run: number,
  { ratePerSecond, clients, ...options }: SuiteOptions,
  say: (what: string) => void,
): Promise<RunFile> {
  const proxy = swallower?.(lab.settings.API_PORT);
  const apiPort = await proxy?.open();
  try {
    const load = { ratePerSecond, clients, behaviour, ...(apiPort === undefined ? {} : { apiPort }) };
    return await runOnce({ ...options, lab, nemesis, fault, run, load, say, overrides });
  } finally {
    await proxy?.close();
  }
}

function liveLine(run: RunFile): string {
  const mark = { pass: '✓', FAIL: '✗', skip: '–' }[verdictWord(run)];
  const name = `${mark} ${run.scenario} ${run.run}`;
  if (isSkipped(run)) return `${name}: skipped, ${run.skipped}`;
  const figures = `write gap ${seconds(run.writeGapMs)}, read gap ${seconds(run.readGapMs)}, ${run.acked} acknowledged, ${run.lost} lost, HTTP ${run.http.failed} of ${run.http.requests} failed`;
  return run.verdict.pass ? `${name}: ${figures}` : `${name}: ${figures}: ${run.verdict.reasons.join('; ')}`;
}
