import { z } from 'zod';

/**
 * What a row is to the checkers.
 *
 * - `unique`: created once under a key of its own, never changed. Duplicates and losses are counted on these.
 * - `register`: a shared row that writes replace. Every write of a run sets a value no other write sets.
 * - `counter`: a shared row that writes add to. An absent counter is 0.
 */
export const rows = ['unique', 'register', 'counter'] as const;

/**
 * What the client asked of a read. `session`: what this session wrote and saw; `leader`: every write acknowledged before
 * (HTTP `strong`, SQL on :5000); `eventual` (HTTP) and `replica` (SQL on :5001): nothing.
 */
export const consistencies = ['session', 'leader', 'eventual', 'replica'] as const;

/** Whether a read promises anything: what it showed then binds what is shown later. */
export const promises = ({ consistency }: Pick<Operation, 'consistency'>): boolean =>
  consistency === 'session' || consistency === 'leader';

/**
 * - `ok`: the server said so.
 * - `failed`: certainly not committed, now or later. Only for errors that prove it; a failed write that is found later is a ghost.
 * - `unknown`: anything else: no answer after COMMIT was sent, a timeout, a warning about a cancelled wait for the standby,
 *   an operation still running when the run ended. It may be there or not.
 */
export const outcomes = ['ok', 'failed', 'unknown'] as const;

/**
 * One operation of one client, written once, when it has ended. All times are milliseconds on one monotonic axis whose zero
 * is the start of the run.
 */
export const operationSchema = z.object({
  /** Unique within the run. */
  id: z.number(),
  /** One client that remembers: HTTP sessions send back their token. Operations of one session may overlap. */
  session: z.string(),
  channel: z.enum(['http', 'sql']),
  action: z.enum(['write', 'read']),
  row: z.enum(rows),
  /** Unique rows: unique within the run. Shared rows: the row's name; a key belongs to one kind of row and one channel. */
  key: z.string(),
  /** On reads only. */
  consistency: z.enum(consistencies).optional(),
  /**
   * Written: the register's new value, or what was added to the counter (≥ 0); nothing for unique rows.
   * Read: the value of a shared row, null where the row was not there; how many rows have the key for unique rows.
   */
  value: z.number().nullable().optional(),
  /** A counter's value after the addition, where the statement returned it. */
  returned: z.number().optional(),
  outcome: z.enum(outcomes),
  /** When the schedule wanted it sent, if that was earlier than {@link invokedMs}: latency is counted from here. */
  dueMs: z.number().optional(),
  /** Before the first byte was sent. */
  invokedMs: z.number(),
  /** After the last byte came. For `unknown` it says when the client gave up, not when the write took effect. */
  endedMs: z.number(),
  /** SQLSTATE, Node's error code, or the problem's `code`: a word to count by, never a message. */
  errorClass: z.string().optional(),
  httpStatus: z.number().optional(),
  /** Who served it, as the server itself said. */
  member: z.string().optional(),
  role: z.enum(['leader', 'replica']).optional(),
  /**
   * Timeline of the node that served it, from the connection that committed: the first 8 hex digits of
   * `pg_walfile_name(pg_current_wal_insert_lsn())`. Not `pg_control_checkpoint()`, which lags behind a promotion.
   */
  timeline: z.number().optional(),
  /** The server answered from its store of idempotency keys. */
  replayed: z.boolean().optional(),
});

/** See {@link operationSchema}. */
export type Operation = Readonly<z.infer<typeof operationSchema>>;
/** In any order. */
export type History = readonly Operation[];
/** See {@link rows}. */
export type Row = Operation['row'];
/** By which way the lab was asked. */
export type Channel = Operation['channel'];
/** See {@link consistencies}. */
export type Consistency = NonNullable<Operation['consistency']>;

/** What is known when an operation is sent. */
export type Invocation = Pick<
  Operation,
  'session' | 'channel' | 'action' | 'row' | 'key' | 'consistency' | 'value' | 'dueMs'
>;

/** What its end adds. A read's `value` comes here. */
export type Completion = Pick<
  Operation,
  'outcome' | 'value' | 'returned' | 'errorClass' | 'httpStatus' | 'member' | 'role' | 'timeline' | 'replayed'
>;
