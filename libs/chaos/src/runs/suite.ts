import { healedBoundMs } from '../faults/bounds.js';
import { leastClients } from '../load/client.counts.js';
import { sharesOfLab } from '../load/load.js';
import type { RunFile } from '../results/run.result.js';
import { runOnce } from './run.js';
import type { RunWatch } from './run.watch.js';
import type { Scenario } from './scenario.js';
import { runSeries, type SeriesProgress } from './series.js';
import type { LabSession } from './session.js';

/** The fewest clients that a run of the lab can have. */
export const leastClientsOfLab = leastClients(sharesOfLab);

/** Which scenarios, how often, under what load. */
export interface SuiteOptions {
  readonly scenarios: readonly Scenario[];
  /** How many runs of each scenario. */
  readonly runs: number;
  readonly seed: number;
  readonly ratePerSecond: number;
  /** At least {@link leastClientsOfLab}. */
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

/** Runs every scenario so many times, each run on a healthy lab. Run numbers continue those in the folder. */
export function runSuite(session: LabSession, options: SuiteOptions, progress: SeriesProgress): Promise<RunFile[]> {
  const runOne = async (scenario: Scenario, run: number): Promise<RunFile> => {
    await session.lab.waitHealthy(healedBoundMs, options.signal);
    return runScenario(session, scenario, run, options, (what) => progress.say(what));
  };
  return runSeries({ ...options, nameOf: ({ fault }: Scenario) => fault.name, runOne }, progress);
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
