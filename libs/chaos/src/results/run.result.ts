import { z } from 'zod';
import { consistencies } from '../history/operation.js';
import { memberSampleSchema, runEventSchema } from '../history/run.event.js';

const count = z.number().int().nonnegative();
/** Milliseconds. Null: not seen or not measured in this run; that is never written as 0. */
const ms = z.number().nonnegative().nullable();
const time = z.iso.datetime();

const latencySchema = z.object({ count, p50: ms, p99: ms, max: ms });

/** The operations of one channel that ended in one second. Latencies are those of the operations that succeeded. */
const secondSchema = z.object({
  ok: count,
  failed: count,
  unknown: count,
  p50Ms: ms,
  p99Ms: ms,
  maxMs: ms,
});

/** The verdict of a run: `reasons` names each bound that was missed, with the figure; empty when the run passed. */
const verdictSchema = z.object({ pass: z.boolean(), reasons: z.array(z.string()) });

const stalenessSchema = z.object({
  reads: count,
  stale: count,
  /** For how long the newer state had been acknowledged when the read was sent. */
  ageMs: z.object({ p50: ms, p99: ms, max: ms }),
  /** Buckets from `fromMs` to below `toMs`; the last one has no upper bound. */
  histogram: z.array(z.object({ fromMs: z.number(), toMs: z.number().nullable(), count })),
});

/** A figure that a run says nothing about, or `failover`. */
const notJudgedSchema = z.object({ figure: z.string(), reason: z.string().min(1) });

/** One example of a finding, which names the operation in the history. */
const exampleSchema = z.object({ check: z.string(), detail: z.string() });

/**
 * The JSON file of one run: the verdict, its figures, and what reports draw. docs/chaos.md names the fields that other programs
 * may rely on. Times without a date are milliseconds since `startedAt`.
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
    /** Patroni's live answer to `GET /config`. */
    patroni: z.record(z.string(), z.unknown()),
    /** Image ids by service. */
    images: z.record(z.string(), z.string()),
    /** Versions by program. */
    versions: z.record(z.string(), z.string()),
    /** The load: rate, number and behaviour of clients. */
    load: z.record(z.string(), z.unknown()).optional(),
  }),
  /** Longest time between acknowledged writes, of gaps that reach beyond the fault. SQL clients, or HTTP where no SQL ran. */
  writeGapMs: ms,
  /** The same of reads, without those that only the leader may answer. */
  readGapMs: ms,
  gaps: z.object({
    http: z.object({ writeMs: ms, readMs: ms }),
    sql: z.object({ writeMs: ms, readMs: ms }),
  }),
  /** Of the HTTP requests that ended after the fault. Absent in results from before there was this figure. */
  longestRequestMs: ms.optional(),
  operations: count,
  /** Acknowledged writes. */
  acked: count,
  failedWrites: count,
  unknownWrites: count,
  lost: count,
  /** How long before the fault the oldest of the acknowledged writes that were lost was acknowledged; 0 when none was lost. Absent in older files. */
  rpoMs: z.number().nonnegative().optional(),
  /** Rows that certainly failed, or that nobody created, and that are there or were read. */
  ghosts: count,
  /** Rows of unknown outcome that are there, which is allowed. */
  unknownPresent: count,
  /** Rows beyond the first under one key, and updates that were applied twice. */
  duplicates: count,
  /** Reads of any consistency that showed a state older than one acknowledged before they were sent. */
  staleReads: count,
  staleness: z.partialRecord(z.enum(consistencies), stalenessSchema),
  readYourWritesViolations: count,
  monotonicViolations: count,
  lostUpdates: count,
  linearizabilityViolations: count,
  /** Acknowledged writes that prove two leaders at once. */
  dualLeaderCommits: count,
  /**
   * Acknowledged writes that could not be judged for `dualLeaderCommits`: they named no member, came from the store of
   * idempotency keys, or named no timeline while it was not certain who led.
   */
  unjudgedCommits: count,
  /** Rows in which members differ from the leader at the end. A member that could not be read counts as one. */
  divergentRows: count,
  examples: z.array(exampleSchema),
  http: z.object({ requests: count, failed: count, byStatus: z.record(z.string(), count) }),
  errorsByClass: z.record(z.string(), count),
  latencyMs: z.object({ before: latencySchema, during: latencySchema, after: latencySchema }),
  latencyByChannelMs: z.object({
    http: z.object({ before: latencySchema, during: latencySchema, after: latencySchema }),
    sql: z.object({ before: latencySchema, during: latencySchema, after: latencySchema }),
  }),
  /** Milliseconds after the fault; null in a run of several faults. */
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
  /** From the fault until the lab was healthy again, with all members streaming; null in a run of several faults. */
  rejoinMs: ms,
  durationMs: z.number().nonnegative(),
  /** A server that was restored to just before a wrong statement. Absent where none was. */
  recovery: z
    .object({
      /** When the wrong statement was sent and acknowledged. */
      disasterMs: z.number(),
      disasterEndedMs: z.number(),
      findMs: z.number(),
      filesMs: z.number(),
      walMs: z.number(),
      rtoMs: z.number(),
      stopped: z.string(),
      timelines: z.array(z.number()),
      /** Rows acknowledged before the wrong statement, and those of them that were not restored. */
      acknowledgedBefore: count,
      missing: count,
      /** Rows that began after it, or failed, and were restored. */
      extra: count,
      inFlight: count,
      restoredRows: count,
    })
    .optional(),
  /** One entry for each second since the start. */
  samples: z.array(z.object({ second: count, http: secondSchema, sql: secondSchema })),
  members: z.array(memberSampleSchema),
  events: z.array(runEventSchema),
  /** The alerts that Prometheus raised, where they were watched (`chaos run --alerts`). */
  alerts: z
    .object({
      raised: z.array(
        z.object({
          alert: z.string(),
          firedAfterSeconds: z.number(),
          /** After healing: negative where it cleared before, null where it still fires. */
          clearedAfterSeconds: z.number().nullable(),
          expected: z.enum(['yes', 'possible', 'no']),
        }),
      ),
      problems: z.array(z.string()),
    })
    .optional(),
  /**
   * What this cluster does not tell, and why. Such a figure has no bound and is never passed; where its field must be a number, it
   * is 0. Absent where everything was judged.
   */
  notJudged: z.array(notJudgedSchema).optional(),
  /** What went wrong with the run itself, for example an injection or healing. Absent in older files. */
  trouble: z.array(z.string()).optional(),
  verdict: verdictSchema,
});

/** A run that this machine could not do. It has neither passed nor failed. */
export const skippedRunSchema = z.object({
  schema: z.literal(1),
  scenario: z.string(),
  run: z.number().int().positive(),
  startedAt: time,
  skipped: z.string().min(1),
});

/** The content of a `*.run.json` file. */
export const runFileSchema = z.union([runResultSchema, skippedRunSchema]);

/** See {@link runResultSchema}. */
export type RunResult = Readonly<z.infer<typeof runResultSchema>>;
/** See {@link skippedRunSchema}. */
export type SkippedRun = Readonly<z.infer<typeof skippedRunSchema>>;
/** See {@link runFileSchema}. */
export type RunFile = RunResult | SkippedRun;
/** Latencies in a result. */
export type Latency = Readonly<z.infer<typeof latencySchema>>;
/** See {@link notJudgedSchema}. */
export type NotJudged = Readonly<z.infer<typeof notJudgedSchema>>;
/** The verdict in a result. */
export type Verdict = Readonly<z.infer<typeof verdictSchema>>;

/** Whether the run, or the summary of runs, says something about a figure of the verdict. */
export const isJudged = (
  { notJudged = [] }: { readonly notJudged?: readonly NotJudged[] | undefined },
  name: string,
): boolean => notJudged.every(({ figure }) => figure !== name);

/** Whether the run was skipped. */
export const isSkipped = (run: RunFile): run is SkippedRun => 'skipped' in run;
