import { z } from 'zod';
import { consistencies } from '../history/operation.js';
import { memberSampleSchema, runEventSchema } from '../history/run.event.js';

const count = z.number().int().nonnegative();
/** Null: not seen in this run, or not measured. Never 0 for that. */
const ms = z.number().nonnegative().nullable();
const time = z.iso.datetime();

const latencySchema = z.object({ count, p50: ms, p99: ms, max: ms });

/** One second of one channel. Latencies are of the operations that succeeded. */
const secondSchema = z.object({
  ok: count,
  failed: count,
  unknown: count,
  p50Ms: ms,
  p99Ms: ms,
  maxMs: ms,
});

/** Verdict of a run: `reasons` says what was missed, with figure and bound; empty when it passed. */
const verdictSchema = z.object({ pass: z.boolean(), reasons: z.array(z.string()) });

const stalenessSchema = z.object({
  reads: count,
  stale: count,
  /** How long the newer state had been acknowledged when the read was sent. */
  ageMs: z.object({ p50: ms, p99: ms, max: ms }),
  /** Bounds in ms, upper exclusive; the last bucket has none. */
  histogram: z.array(z.object({ fromMs: z.number(), toMs: z.number().nullable(), count })),
});

/** One finding, so that a reader can look the operation up in the history. */
const exampleSchema = z.object({ check: z.string(), detail: z.string() });

/**
 * The JSON file of one run, with what reports draw. docs/chaos.md names the fields that others may rely on. Times without a
 * date are milliseconds since `startedAt`.
 */
export const runResultSchema = z.object({
  schema: z.literal(1),
  scenario: z.string(),
  /** Counted from 1. */
  run: z.number().int().positive(),
  seed: z.number().int(),
  startedAt: time,
  endedAt: time,
  faultAt: time.nullable(),
  healedAt: time.nullable(),
  config: z.object({
    /** Live answer of Patroni's `GET /config`. */
    patroni: z.record(z.string(), z.unknown()),
    /** Image id by service. */
    images: z.record(z.string(), z.string()),
    /** Version by program. */
    versions: z.record(z.string(), z.string()),
    /** Rate, clients and durations of the load, and whatever else the run was given. */
    load: z.record(z.string(), z.unknown()).optional(),
  }),
  /** Longest time between acknowledged writes that touches the fault or comes after it: raw SQL, or HTTP where no SQL ran. */
  writeGapMs: ms,
  /** Likewise of reads, those that only the leader may answer left out. */
  readGapMs: ms,
  gaps: z.object({
    http: z.object({ writeMs: ms, readMs: ms }),
    sql: z.object({ writeMs: ms, readMs: ms }),
  }),
  operations: count,
  /** Writes answered with success. */
  acked: count,
  failedWrites: count,
  unknownWrites: count,
  lost: count,
  /** Failed, certainly not committed, and there. */
  ghosts: count,
  /** Not answered, and there: allowed. */
  unknownPresent: count,
  /** Rows more than one under a unique key. */
  duplicates: count,
  /** Reads that showed a state older than what was acknowledged before they were sent, whatever they had asked for. */
  staleReads: count,
  staleness: z.partialRecord(z.enum(consistencies), stalenessSchema),
  readYourWritesViolations: count,
  monotonicViolations: count,
  lostUpdates: count,
  linearizabilityViolations: count,
  /** Acknowledged writes of a leader whose successor had already acknowledged one. */
  dualLeaderCommits: count,
  /**
   * Acknowledged writes that {@link dualLeaderCommits} can't count: they named no member, were answers from the store of keys, or
   * named no timeline while it was not certain who led.
   */
  unjudgedCommits: count,
  /** Rows by which members differ from the leader at the end; a member that could not be read counts as one. */
  divergentRows: count,
  examples: z.array(exampleSchema),
  http: z.object({ requests: count, failed: count, byStatus: z.record(z.string(), count) }),
  errorsByClass: z.record(z.string(), count),
  latencyMs: z.object({ before: latencySchema, during: latencySchema, after: latencySchema }),
  latencyByChannelMs: z.object({
    http: z.object({ before: latencySchema, during: latencySchema, after: latencySchema }),
    sql: z.object({ before: latencySchema, during: latencySchema, after: latencySchema }),
  }),
  /** After the fault; null in a run of several. */
  phases: z.object({
    firstErrorMs: ms,
    lockReleasedMs: ms,
    newLockMs: ms,
    promotedMs: ms,
    haproxyDownMs: ms,
    haproxyUpMs: ms,
    firstSuccessMs: ms,
  }),
  timeline: z.object({ before: z.number().nullable(), after: z.number().nullable() }),
  /** From the fault until all members streamed again and HAProxy and the service called them so; null in a run of several. */
  rejoinMs: ms,
  durationMs: z.number().nonnegative(),
  /** By second since the start. */
  samples: z.array(z.object({ second: count, http: secondSchema, sql: secondSchema })),
  members: z.array(memberSampleSchema),
  events: z.array(runEventSchema),
  /** What went wrong with the run itself: an injection, the healing. Absent in older files. */
  trouble: z.array(z.string()).optional(),
  verdict: verdictSchema,
});

/** A run that this machine could not do. It is neither passed nor failed. */
export const skippedRunSchema = z.object({
  schema: z.literal(1),
  scenario: z.string(),
  run: z.number().int().positive(),
  startedAt: time,
  skipped: z.string().min(1),
});

/** What a results directory may hold, one a file: `*.run.json`. */
export const runFileSchema = z.union([runResultSchema, skippedRunSchema]);

/** See {@link runResultSchema}. */
export type RunResult = Readonly<z.infer<typeof runResultSchema>>;
/** See {@link skippedRunSchema}. */
export type SkippedRun = Readonly<z.infer<typeof skippedRunSchema>>;
/** See {@link runFileSchema}. */
export type RunFile = RunResult | SkippedRun;
/** Latency as a result has it. */
export type Latency = Readonly<z.infer<typeof latencySchema>>;
/** A run's verdict as its file has it. */
export type Verdict = Readonly<z.infer<typeof verdictSchema>>;

/** Tells the two kinds of file apart. */
export const isSkipped = (run: RunFile): run is SkippedRun => 'skipped' in run;
