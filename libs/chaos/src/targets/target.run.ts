import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assembleRun, type Demands } from '../assembly/run.assembly.js';
import { safety } from '../checkers/verdict.js';
import { requiredBehaviour } from '../load/http.client.js';
import { runFileName, writeRun } from '../results/results.directory.js';
import type { RunResult } from '../results/run.result.js';
import { runCourse } from '../runs/course.js';
import { sharesOf, type Untold } from './capabilities.js';
import type { TargetFault } from './target.schema.js';
import type { TargetSession } from './target.session.js';
import { TargetTrial } from './target.trial.js';

/** What one run of one fault of a target takes. */
export interface TargetRunOptions {
  readonly fault: string;
  /** Counted from 1. */
  readonly run: number;
  readonly ratePerSecond: number;
  readonly clients: number;
  /** Folder for history, final state and result. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Prints for people what is being done. */
  readonly say: (line: string) => void;
}

/** What every run of a fault must show. */
export const targetDemands = ({ expects, failover, hold }: TargetFault, untold: readonly Untold[]): Demands => ({
  figures: { ...safety, ...expects },
  leadership: { failover, holdMs: hold },
  notJudged: untold,
});

/**
 * Does one run and writes its files. It heals the target whatever happens.
 *
 * @throws Error when the target can't be used at all. What goes wrong after the load has begun is a reason of the verdict
 */
export async function runTarget({ cluster, nemesis }: TargetSession, options: TargetRunOptions): Promise<RunResult> {
  const { fault: name, run, folder, signal, say, ratePerSecond, clients } = options;
  const fault = cluster.target.faults[name]!;
  await mkdir(folder, { recursive: true });
  await cluster.waitHealthy(fault.failoverWithin, signal);
  const config = await cluster.liveConfig();
  const load = { ratePerSecond, clients, behaviour: requiredBehaviour, shares: sharesOf(cluster.target) };
  const path = (kind: string) => join(folder, runFileName({ scenario: name, run }, kind));
  const trial = new TargetTrial({ cluster, nemesis, load, path, signal, say });
  await nemesis.rowsWillBe(trial.prefix);
  const trouble = await runCourse(trial, { inject: () => trial.inject(name, fault) }, { signal, say });
  const durationMs = trial.nowMs();
  const record = await trial.record();
  const result = assembleRun(
    {
      scenario: name,
      run,
      seed: 0,
      startedAt: trial.startedAt,
      durationMs,
      config: { ...config, load: { ratePerSecond, clients, shares: load.shares, target: cluster.target.name } },
      trouble: [...trouble, ...trial.trouble],
    },
    record,
    trial.samples,
    targetDemands(fault, cluster.untold),
  );
  await writeRun(folder, result);
  await trial.discardRows();
  return result;
}
