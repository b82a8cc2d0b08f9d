/** The figures for which a scenario can have bounds. Null: not measured in this run. */
export interface Figures {
  readonly acked: number;
  readonly lost: number;
  readonly ghosts: number;
  readonly duplicates: number;
  readonly staleReads: number;
  /** Stale reads among those that only the leader may answer: HTTP `strong`, SQL on :5000. */
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
  /** Of the HTTP requests that ended after the fault. */
  readonly longestRequestMs: number | null;
  readonly rejoinMs: number | null;
  /** Rows that were acknowledged before a wrong statement and that the restored server does not have. */
  readonly recoveryMissing: number | null;
  /** Rows that it has and should not have. */
  readonly recoveryExtra: number | null;
  /** From the moment at which somebody begins to look for the wrong statement until the past can be queried. */
  readonly recoveryRtoMs: number | null;
}

/** The names of all figures. */
export const figureNames = [
  'acked',
  'lost',
  'ghosts',
  'duplicates',
  'staleReads',
  'staleLeaderReads',
  'readYourWritesViolations',
  'monotonicViolations',
  'lostUpdates',
  'linearizabilityViolations',
  'dualLeaderCommits',
  'divergentRows',
  'failedWrites',
  'unknownWrites',
  'httpFailed',
  'writeGapMs',
  'readGapMs',
  'httpWriteGapMs',
  'httpReadGapMs',
  'longestRequestMs',
  'rejoinMs',
  'recoveryMissing',
  'recoveryExtra',
  'recoveryRtoMs',
] as const satisfies readonly (keyof Figures)[];

/** Inclusive bounds of a figure. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** The bounds of a scenario, by figure. Figures without bounds are reported and not judged. */
export type Expectations = Readonly<Partial<Record<keyof Figures, Bounds>>>;

/**
 * The bounds that every scenario must keep, whatever its fault. A mutation replaces some of them (`lost: {min: 1}`), to prove that
 * the checker of that figure works. `acked` keeps a run that did nothing from passing. Stale leader reads are not even expected
 * after a leader was frozen, replaced and thawed: connections to it are cut long before its lease runs out.
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

/** Whether a run kept its bounds; `reasons` is empty exactly when it did. */
export interface Verdict {
  readonly pass: boolean;
  readonly reasons: string[];
}

/** Compares figures with their bounds. A figure that has bounds and was not measured fails: nothing proves that it kept them. */
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
