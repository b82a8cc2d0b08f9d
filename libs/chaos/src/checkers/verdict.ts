/** What a scenario can be held to. Null: not measured in this run. */
export interface Figures {
  readonly acked: number;
  readonly lost: number;
  readonly ghosts: number;
  readonly duplicates: number;
  readonly staleReads: number;
  /** Those that only the leader may answer: HTTP `strong`, SQL on :5000. */
  readonly staleLeaderReads: number;
  readonly readYourWritesViolations: number;
  readonly monotonicViolations: number;
  readonly lostUpdates: number;
  readonly linearizabilityViolations: number;
  readonly dualLeaderCommits: number;
  readonly divergentRows: number;
  readonly failedWrites: number;
  readonly unknownWrites: number;
  readonly httpFailed: number;
  readonly writeGapMs: number | null;
  readonly readGapMs: number | null;
  readonly httpWriteGapMs: number | null;
  readonly httpReadGapMs: number | null;
  readonly rejoinMs: number | null;
}

/** Inclusive. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** What a scenario must do, by figure. Figures without bounds are reported and not judged. */
export type Expectations = Readonly<Partial<Record<keyof Figures, Bounds>>>;

/**
 * What no scenario may break, whatever its fault. A mutation replaces single entries (`lost: {min: 1}`) to prove that the
 * checker behind them sees. `acked` keeps a run that did nothing from passing. A leader that was frozen, replaced and thawed
 * may answer reads until HAProxy or Patroni notices; connections to it are cut long before its lease runs out, so even there
 * no stale answer is expected.
 */
export const safety = {
  acked: { min: 1 },
  lost: { max: 0 },
  ghosts: { max: 0 },
  duplicates: { max: 0 },
  staleLeaderReads: { max: 0 },
  readYourWritesViolations: { max: 0 },
  monotonicViolations: { max: 0 },
  lostUpdates: { max: 0 },
  linearizabilityViolations: { max: 0 },
  dualLeaderCommits: { max: 0 },
  divergentRows: { max: 0 },
} as const satisfies Expectations;

/** What came of comparing a run with what was expected of it; `reasons` is empty exactly when it passed. */
export interface Verdict {
  readonly pass: boolean;
  readonly reasons: string[];
}

/** Compares what was found with what was expected. A figure with bounds that was not measured fails: silence proves nothing. */
export function judge(expected: Expectations, figures: Figures): Verdict {
  const reasons = (Object.entries(expected) as [keyof Figures, Bounds][]).flatMap(([name, bounds]) => {
    const value = figures[name];
    if (value === null || !Number.isFinite(value)) return [`${name} was not measured`];
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = bounds;
    if (value < min) return [`${name} is ${round(value)}, expected at least ${min}`];
    return value > max ? [`${name} is ${round(value)}, expected at most ${max}`] : [];
  });
  return { pass: reasons.length === 0, reasons };
}

const round = (value: number): number => Math.round(value * 10) / 10;
