import { z } from 'zod';

/**
 * The kinds of rows that checkers know.
 *
 * - `unique`: created once under a key of its own, and never changed. Lost and duplicate rows are counted on these.
 * - `register`: a shared row whose value each write replaces. No two writes of a run set the same value.
 * - `counter`: a shared row to whose value each write adds. An absent counter is 0.
 */
export const rows = ['unique', 'register', 'counter'] as const;

/**
 * Which writes a read must show. `session`: those that its session wrote and saw. `leader` (HTTP `strong`, SQL on :5000): all that
 * were acknowledged before. `eventual` (HTTP) and `replica` (SQL on :5001): none.
 */
export const consistencies = ['session', 'leader', 'eventual', 'replica'] as const;

/** Whether a read promises anything. What such a read showed, later reads must show as well. */
export const promises = ({ consistency }: Pick<Operation, 'consistency'>): boolean =>
  consistency === 'session' || consistency === 'leader';

/**
 * How an operation ended.
 *
 * - `ok`: the server said that it succeeded.
 * - `failed`: the error proves that it was not committed and never will be. If such a write is found later, it is a ghost.
 * - `unknown`: anything else, for example no answer after COMMIT was sent, a timeout, a warning about a cancelled wait for the
 *   standby, or an operation that still ran when the run ended. The write may be there or not.
 */
export const outcomes = ['ok', 'failed', 'unknown'] as const;

/**
 * One operation of one client. It is written once, when it has ended. All times are milliseconds since the start of the run, by one
 * monotonic clock.
 */
export const operationSchema = z.object({
  /** Unique within the run. */
  id: z.number(),
  /** The session that the operation belongs to. Over HTTP it sends its token. Operations of one session may overlap. */
  session: z.string(),
  channel: z.enum(['http', 'sql']),
  action: z.enum(['write', 'read']),
  row: z.enum(rows),
  /** Of a unique row: unique within the run. Of a shared row: its name. A key belongs to one kind of row and one channel. */
  key: z.string(),
  /** Only reads have one. */
  consistency: z.enum(consistencies).optional(),
  /**
   * Of a write: the register's new value, or what was added to the counter (≥ 0); none for unique rows.
   * Of a read: the value of the shared row, null where it was not there; for unique rows how many rows have the key.
   */
  value: z.number().nullable().optional(),
  /** Of an addition: the counter's value after it, where the statement returned it. */
  returned: z.number().optional(),
  outcome: z.enum(outcomes),
  /** When the schedule wanted it sent. Latency counts from here if this is earlier than `invokedMs`. */
  dueMs: z.number().optional(),
  /** When it was sent: before the first byte. */
  invokedMs: z.number(),
  /** When the answer had come. Of an `unknown` operation: when the client gave up, not when the write took effect. */
  endedMs: z.number(),
  /** SQLSTATE, Node's error code, or the problem's `code`. Errors are counted by it, so it is never a message. */
  errorClass: z.string().optional(),
  httpStatus: z.number().optional(),
  /** The member that served it, as the server itself said. */
  member: z.string().optional(),
  role: z.enum(['leader', 'replica']).optional(),
  /**
   * Timeline of the node that served it, read on the connection that committed: the first 8 hex digits of
   * `pg_walfile_name(pg_current_wal_insert_lsn())`. `pg_control_checkpoint()` would lag behind a promotion.
   */
  timeline: z.number().optional(),
  /** The server answered from its store of idempotency keys. */
  replayed: z.boolean().optional(),
});

/** See {@link operationSchema}. */
export type Operation = Readonly<z.infer<typeof operationSchema>>;
/** Operations in any order. */
export type History = readonly Operation[];
/** See {@link rows}. */
export type Row = Operation['row'];
/** How the client reached the lab: through the service, or with SQL through HAProxy. */
export type Channel = Operation['channel'];
/** See {@link consistencies}. */
export type Consistency = NonNullable<Operation['consistency']>;

/** The part of an operation that is known when it is sent. */
export type Invocation = Pick<
  Operation,
  'session' | 'channel' | 'action' | 'row' | 'key' | 'consistency' | 'value' | 'dueMs'
>;

/** The part that is known when it has ended. A read's `value` is in it. */
export type Completion = Pick<
  Operation,
  'outcome' | 'value' | 'returned' | 'errorClass' | 'httpStatus' | 'member' | 'role' | 'timeline' | 'replayed'
>;
