import { mkdir, readdir } from 'node:fs/promises';
import { nextRun } from '../results/results.directory.js';
import { isSkipped, type RunFile } from '../results/run.result.js';
import { seconds, verdictWord } from './summary.js';

/** Where a series prints its progress. */
export interface SeriesProgress {
  start(title: string): void;
  say(what: string): void;
  end(line: string): void;
}

/** What is run. */
export interface Series<Scenario> {
  readonly scenarios: readonly Scenario[];
  readonly nameOf: (scenario: Scenario) => string;
  /** How many runs of each scenario. */
  readonly runs: number;
  readonly folder: string;
  /** Does one run, on a healthy cluster. @param run its number */
  readonly runOne: (scenario: Scenario, run: number) => Promise<RunFile>;
}

/** Runs every scenario so many times. Run numbers continue those in the folder. */
export async function runSeries<Scenario>(
  { scenarios, nameOf, runs, folder, runOne }: Series<Scenario>,
  progress: SeriesProgress,
): Promise<RunFile[]> {
  const done: RunFile[] = [];
  await mkdir(folder, { recursive: true });
  for (const scenario of scenarios) {
    const name = nameOf(scenario);
    const first = nextRun(await readdir(folder), name);
    for (let index = 0; index < runs; index += 1) {
      progress.start(runs === 1 ? name : `${name} ${index + 1}/${runs}`);
      const file = await runOne(scenario, first + index);
      done.push(file);
      progress.end(liveLine(file));
    }
  }
  return done;
}

function liveLine(run: RunFile): string {
  const mark = { pass: '✓', FAIL: '✗', skip: '–' }[verdictWord(run)];
  const name = `${mark} ${run.scenario} ${run.run}`;
  if (isSkipped(run)) return `${name}: skipped, ${run.skipped}`;
  const { requests, failed } = run.http;
  const http = requests === 0 ? '' : `, HTTP ${failed} of ${requests} failed`;
  const figures = `write gap ${seconds(run.writeGapMs)}, read gap ${seconds(run.readGapMs)}, ${run.acked} acknowledged, ${run.lost} lost${http}`;
  return run.verdict.pass ? `${name}: ${figures}` : `${name}: ${figures}: ${run.verdict.reasons.join('; ')}`;
}
