import { percentile, sorted } from '../numbers/sorted.js';
import { isSkipped, type NotJudged, type RunFile, type RunResult } from './run.result.js';

/** A figure over the runs in which it was measured, by nearest rank. With fewer than 20 of them p95 is the maximum. */
export interface Spread {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

const spreadFigures = {
  writeGapMs: (run: RunResult) => run.writeGapMs,
  readGapMs: (run: RunResult) => run.readGapMs,
  httpWriteGapMs: (run: RunResult) => run.gaps.http.writeMs,
  httpReadGapMs: (run: RunResult) => run.gaps.http.readMs,
  sqlWriteGapMs: (run: RunResult) => run.gaps.sql.writeMs,
  sqlReadGapMs: (run: RunResult) => run.gaps.sql.readMs,
  longestRequestMs: (run: RunResult) => run.longestRequestMs ?? null,
  rejoinMs: (run: RunResult) => run.rejoinMs,
  /** From the fault until what was broken is mended. Of `lose-everything` that is the whole rebuild, with all members streaming. */
  healedMs: ({ faultAt, healedAt }: RunResult) =>
    faultAt && healedAt ? Date.parse(healedAt) - Date.parse(faultAt) : null,
  rpoMs: (run: RunResult) => run.rpoMs ?? null,
  recoveryRtoMs: (run: RunResult) => run.recovery?.rtoMs ?? null,
} as const;

const totalFigures = {
  acked: (run: RunResult) => run.acked,
  lost: (run: RunResult) => run.lost,
  ghosts: (run: RunResult) => run.ghosts,
  unknownPresent: (run: RunResult) => run.unknownPresent,
  duplicates: (run: RunResult) => run.duplicates,
  staleReads: (run: RunResult) => run.staleReads,
  staleLeaderReads: (run: RunResult) => run.staleness.leader?.stale ?? 0,
  readYourWritesViolations: (run: RunResult) => run.readYourWritesViolations,
  monotonicViolations: (run: RunResult) => run.monotonicViolations,
  lostUpdates: (run: RunResult) => run.lostUpdates,
  linearizabilityViolations: (run: RunResult) => run.linearizabilityViolations,
  dualLeaderCommits: (run: RunResult) => run.dualLeaderCommits,
  divergentRows: (run: RunResult) => run.divergentRows,
  httpRequests: (run: RunResult) => run.http.requests,
  httpFailed: (run: RunResult) => run.http.failed,
  recoveryAcknowledged: (run: RunResult) => run.recovery?.acknowledgedBefore ?? 0,
  recoveryMissing: (run: RunResult) => run.recovery?.missing ?? 0,
  recoveryExtra: (run: RunResult) => run.recovery?.extra ?? 0,
} as const;

/** The summary of all runs of one scenario. */
export interface ScenarioSummary {
  readonly scenario: string;
  /** The number of runs, without skipped ones. */
  readonly runs: number;
  readonly passed: number;
  /** The reasons for which runs were skipped, each once. */
  readonly skipped: readonly string[];
  /** Whether some runs passed and some failed. */
  readonly flaky: boolean;
  /** What some of its runs say nothing about, with each reason once. Absent where everything was judged. */
  readonly notJudged?: readonly NotJudged[];
  readonly failures: readonly { readonly run: number; readonly reasons: readonly string[] }[];
  /** Null where no run measured the figure. */
  readonly spread: Readonly<Record<keyof typeof spreadFigures, Spread | null>>;
  /** Sums over all runs. */
  readonly total: Readonly<Record<keyof typeof totalFigures, number>>;
}

/** The runs of each scenario; scenarios in the order of their first runs. */
export function byScenario<File extends RunFile>(files: readonly File[]): ReadonlyMap<string, readonly File[]> {
  const scenarios = new Map<string, File[]>();
  for (const file of files) {
    const known = scenarios.get(file.scenario);
    if (known === undefined) scenarios.set(file.scenario, [file]);
    else known.push(file);
  }
  return scenarios;
}

/** The summary of each scenario, in the order of their first runs. */
export function summarize(files: readonly RunFile[]): ScenarioSummary[] {
  return [...byScenario(files)].map(([scenario, ofScenario]) => {
    const runs = ofScenario.filter((run): run is RunResult => !isSkipped(run));
    const failed = runs.filter(({ verdict }) => !verdict.pass);
    const notJudged = notJudgedIn(runs);
    return {
      scenario,
      runs: runs.length,
      passed: runs.length - failed.length,
      skipped: [...new Set(ofScenario.filter(isSkipped).map(({ skipped }) => skipped))],
      flaky: failed.length > 0 && failed.length < runs.length,
      ...(notJudged.length === 0 ? {} : { notJudged }),
      failures: failed.map(({ run, verdict }) => ({ run, reasons: verdict.reasons })),
      spread: mapValues(spreadFigures, (figure) => spreadOf(runs.map(figure))),
      total: mapValues(totalFigures, (figure) => runs.reduce((sum, run) => sum + figure(run), 0)),
    };
  });
}

/** What some of these runs say nothing about, with each reason once. */
export function notJudgedIn(files: readonly RunFile[]): NotJudged[] {
  const all = files.flatMap((file) => (isSkipped(file) ? [] : (file.notJudged ?? [])));
  return [...new Map(all.map((item) => [`${item.figure} ${item.reason}`, item])).values()];
}

function spreadOf(values: readonly (number | null)[]): Spread | null {
  const measured = sorted(values.filter((value) => value !== null));
  if (measured.length === 0) return null;
  const at = (percent: number): number => percentile(measured, percent)!;
  return { count: measured.length, min: at(0), median: at(50), p95: at(95), max: at(100) };
}

function mapValues<Key extends string, From, To>(of: Readonly<Record<Key, From>>, map: (value: From) => To) {
  return Object.fromEntries(Object.entries<From>(of).map(([key, value]) => [key, map(value)])) as Record<Key, To>;
}
