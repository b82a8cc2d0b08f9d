import { checkRun, figuresOf, type RunRecord } from '../checkers/check.js';
import { firstMs } from '../checkers/phases.js';
import { type Expectations, type Figures, judge } from '../checkers/verdict.js';
import { toTenths } from '../numbers/rounding.js';
import type { MemberSample } from '../history/run.event.js';
import type { NotJudged, RunResult } from '../results/run.result.js';
import { type LeadershipDemands, leadershipReasons } from './leadership.reasons.js';

/** What the tool knows about a run besides its record. */
export interface RunIdentity {
  readonly scenario: string;
  /** Counted from 1. */
  readonly run: number;
  readonly seed: number;
  /** Wall clock when the run began: time zero of its operations and events. */
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly config: RunResult['config'];
  /** What went wrong with the run itself, and not with the cluster; each becomes a reason of the verdict. */
  readonly trouble: readonly string[];
  /** What the alerts said, where they were watched. */
  readonly alerts?: RunResult['alerts'];
}

/** What a run must show to pass. */
export interface Demands {
  readonly figures: Expectations;
  readonly leadership: LeadershipDemands;
  /** What cannot be told of this cluster. Its bounds do not count, and the result says so. */
  readonly notJudged?: readonly (NotJudged & { readonly figure: keyof Figures | 'failover' })[];
}

/**
 * Judges a finished run, and puts everything that a reader needs into one JSON document. Pure: the same record gives the same
 * verdict. Figures are rounded to a tenth before they are judged, so that the verdict agrees with the figures shown.
 */
export function assembleRun(
  identity: RunIdentity,
  record: RunRecord,
  members: readonly MemberSample[],
  demands: Demands,
): RunResult {
  const { scenario, run, seed, startedAt, durationMs, config, trouble, alerts } = identity;
  const at = (ms: number | undefined): string | null =>
    ms === undefined ? null : new Date(startedAt.getTime() + ms).toISOString();
  const { healedMs, ...found } = checkRun(record);
  const findings = toTenths(found);
  const timeline = timelineOf(members);
  const { notJudged = [] } = demands;
  const isJudged = (name: string): boolean => notJudged.every(({ figure }) => figure !== name);
  const figures = Object.fromEntries(Object.entries(demands.figures).filter(([name]) => isJudged(name)));
  const leadership = isJudged('failover') ? demands.leadership : { ...demands.leadership, failover: undefined };
  const reasons = [
    ...judge(figures, figuresOf(findings)).reasons,
    ...leadershipReasons(leadership, timeline, record.events),
    ...trouble,
  ];
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
    timeline,
    durationMs: toTenths(durationMs),
    members: [...members],
    events: [...record.events],
    trouble: [...trouble],
    ...(notJudged.length === 0 ? {} : { notJudged: [...notJudged] }),
    ...(alerts === undefined ? {} : { alerts }),
    verdict: { pass: reasons.length === 0, reasons },
  };
}

/** The first timeline that any sample has, and the newest. */
function timelineOf(members: readonly MemberSample[]): RunResult['timeline'] {
  const timelines = members.flatMap(({ timeline }) => (timeline === undefined ? [] : [timeline]));
  return {
    before: timelines.at(0) ?? null,
    after: timelines.reduce<number | null>((a, b) => Math.max(a ?? b, b), null),
  };
}
