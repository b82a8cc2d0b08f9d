/**
 * Every error with which this library answers: a stable code, the HTTP status that suits it and a title that does not vary.
 * An application takes them into its own catalogue.
 */
export const postgresHaErrors = {
  read_only: { status: 500, title: 'A write was attempted on the read side' },
  database_unavailable: { status: 503, title: 'The database cannot be reached for this request' },
  database_busy: { status: 503, title: 'The database is busy with other requests' },
  row_locked: { status: 503, title: 'Another transaction holds a lock that this write needs' },
  database_disk_full: { status: 503, title: 'The database has no space left' },
  database_access_refused: { status: 503, title: 'The database refuses the login of this service' },
  consistency_token_malformed: { status: 400, title: 'The Consistency-Token cannot be read' },
  consistency_token_forged: { status: 400, title: 'The Consistency-Token was not issued by this service' },
  consistency_token_expired: { status: 400, title: 'The Consistency-Token is too old; go on without it' },
  consistency_token_foreign: { status: 400, title: 'The Consistency-Token is of another database cluster' },
  read_consistency_invalid: { status: 400, title: 'The Read-Consistency header is not valid' },
  acknowledged_write_lost: { status: 409, title: 'A state this client has seen was lost in a failover' },
  replicas_behind: { status: 503, title: 'No node could show the state this client has seen in time' },
  idempotency_key_malformed: { status: 400, title: 'The Idempotency-Key is not valid' },
  idempotency_key_in_flight: { status: 409, title: 'A request with this Idempotency-Key is still being worked on' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  write_queue_full: { status: 503, title: 'Too many writes are waiting for the leader' },
  write_outcome_unknown: { status: 503, title: 'COMMIT was not answered in time; the write may have happened' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** A code of {@link postgresHaErrors}. */
export type PostgresHaErrorCode = keyof typeof postgresHaErrors;
