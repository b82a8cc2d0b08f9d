/** One kind of error. */
export interface ErrorKind {
  /** The HTTP status that suits it. */
  readonly status: number;
  /** Does not vary. */
  readonly title: string;
  /** What it means for the client and what the client can do, where the title alone does not say it. */
  readonly advice?: string;
}

/**
 * Every error with which this library answers: a stable code, the HTTP status that suits it and a title that does not vary.
 * An application takes them into its own catalogue.
 */
export const postgresHaErrors = {
  read_only: { status: 500, title: 'A write was attempted on the read side', advice: 'A fault of this service.' },
  database_unavailable: {
    status: 503,
    title: 'The database cannot be reached for this request',
    advice: 'No node could serve the request within its deadline. Nothing was written.',
  },
  database_busy: {
    status: 503,
    title: 'The database is busy with other requests',
    advice: 'Every connection was in use until the deadline. Nothing was written.',
  },
  row_locked: {
    status: 503,
    title: 'Another transaction holds a lock that this write needs',
    advice: 'The lock was held until the deadline. Nothing was written.',
  },
  database_disk_full: {
    status: 503,
    title: 'The database has no space left',
    advice: 'Make room, then repeat a write with the same `Idempotency-Key`.',
  },
  database_access_refused: { status: 503, title: 'The database refuses the login of this service' },
  consistency_token_malformed: { status: 400, title: 'The Consistency-Token cannot be read' },
  consistency_token_forged: { status: 400, title: 'The Consistency-Token was not issued by this service' },
  consistency_token_expired: { status: 400, title: 'The Consistency-Token is too old; go on without it' },
  consistency_token_foreign: { status: 400, title: 'The Consistency-Token is of another database cluster' },
  read_consistency_invalid: {
    status: 400,
    title: 'The Read-Consistency header is not valid',
    advice: 'It is `eventual`, `session`, `bounded; max-staleness=MS` or `strong`.',
  },
  acknowledged_write_lost: {
    status: 409,
    title: 'A state this client has seen was lost in a failover',
    advice: 'The answer carries a fresh `Consistency-Token`: go on with that one.',
  },
  replicas_behind: { status: 503, title: 'No node could show the state this client has seen in time' },
  idempotency_key_malformed: {
    status: 400,
    title: 'The Idempotency-Key is not valid',
    advice: 'It is 1 to 255 visible ASCII characters.',
  },
  idempotency_key_in_flight: {
    status: 409,
    title: 'A request with this Idempotency-Key is still being worked on',
    advice: 'Wait, then repeat the request to get its answer.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    advice: 'The method, the path or the body differs from the first request.',
  },
  write_queue_full: {
    status: 503,
    title: 'Too many writes are waiting for the leader',
    advice: 'Nothing was written.',
  },
  write_outcome_unknown: {
    status: 503,
    title: 'COMMIT was not answered in time; the write may have happened',
    advice:
      'Repeat the request with the same `Idempotency-Key`: that tells, and never writes twice. Without a key, look for the row first.',
  },
} as const satisfies Record<string, ErrorKind>;

/** A code of {@link postgresHaErrors}. */
export type PostgresHaErrorCode = keyof typeof postgresHaErrors;
