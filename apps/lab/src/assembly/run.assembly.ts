import { checkRun, figuresOf, type RunRecord } from '../checkers/check.js';
import { firstMs } from '../checkers/phases.js';
import { type Expectations, judge } from '../checkers/verdict.js';
import type { MemberSample } from '../history/run.event.js';
import type { RunResult } from '../results/run.result.js';

/** What the tool knows of a run besides its record. */
export interface RunIdentity {
  readonly scenario: string;
  /** Counted from 1. */
  readonly run: number;
  readonly seed: number;
  /** Wall clock at the zero of the run's axis. */
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly config: RunResult['config'];
}

/** Judges a finished run and puts everything a reader needs into the one JSON of it. Pure. */
export function assembleRun(
  identity: RunIdentity,
  record: RunRecord,
  members: readonly MemberSample[],
  expectations: Expectations,
): RunResult {
  const { scenario, run, seed, startedAt, durationMs, config } = identity;
  const at = (ms: number | undefined): string | null =>
    ms === undefined ? null : new Date(startedAt.getTime() + ms).toISOString();
  const { healedMs, ...findings } = checkRun(record);
  return {
    schema: 1,
    scenario,
    run,
    seed,
    startedAt: startedAt.toISOString(),
    endedAt: new Date(startedAt.getTime() + durationMs).toISOString(),
    faultAt: at(firstMs(record.events, 'fault')),
    healedAt: at(healedMs),
    config,
    ...findings,
    timeline: timelineOf(members),
    durationMs,
    members: [...members],
    events: [...record.events],
    verdict: judge(expectations, figuresOf(findings)),
  };
}

/** The timeline seen first, and the newest seen. */
function timelineOf(members: readonly MemberSample[]): RunResult['timeline'] {
  const timelines = members.flatMap(({ timeline }) => (timeline === undefined ? [] : [timeline]));
  return {
    before: timelines.at(0) ?? null,
    after: timelines.reduce<number | null>((a, b) => Math.max(a ?? b, b), null),
  };
}
