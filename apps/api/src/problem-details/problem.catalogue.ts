/** One kind of error. */
interface Problem {
  readonly status: number;
  /** Sent with the answer; does not vary. */
  readonly title: string;
  /** What it means for the client and what the client can do, where the title alone does not say it. For docs/errors.md. */
  readonly advice?: string;
}

/** Every error this service answers with. Its code is stable. `npm run docs` makes docs/errors.md from it. */
export const problems = {
  validation_failed: {
    status: 400,
    title: 'The request is not valid',
    advice: 'The member `errors` names each field that is wrong.',
  },
  malformed_request: {
    status: 400,
    title: 'The request could not be read',
    advice: 'For example, the body is no JSON.',
  },
  product_not_found: { status: 404, title: 'No such product' },
  customer_not_found: { status: 404, title: 'No such customer' },
  order_not_found: { status: 404, title: 'No such order' },
  album_not_found: { status: 404, title: 'No such album' },
  route_not_found: { status: 404, title: 'No such route' },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    advice: 'The header `Allow` lists the methods of this path.',
  },
  email_taken: { status: 409, title: 'Another customer has this email address' },
  product_has_orders: { status: 409, title: 'The product has orders', advice: 'It cannot be deleted.' },
  unknown_reference: {
    status: 422,
    title: 'The request names something that does not exist',
    advice: 'The member `errors` names the field.',
  },
  payload_too_large: { status: 413, title: 'The body is too large', advice: '`BODY_LIMIT_BYTES` is the limit.' },
  path_too_long: { status: 414, title: 'The path is too long' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported', advice: 'A body is JSON in UTF-8.' },
  unsupported_content_encoding: {
    status: 415,
    title: 'The content encoding is not supported',
    advice: 'A body is not compressed.',
  },
  read_only: { status: 500, title: 'A write was attempted on the read side', advice: 'A fault of this service.' },
  internal_error: { status: 500, title: 'Unexpected error', advice: 'A fault of this service.' },
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
  database_access_refused: {
    status: 503,
    title: 'The database refuses the login of this service',
    advice: 'The login or its rights are wrong: `scripts/lab doctor` says which.',
  },
  patroni_unavailable: { status: 503, title: 'No Patroni member answered' },
  consistency_token_malformed: { status: 400, title: 'The Consistency-Token cannot be read' },
  consistency_token_forged: {
    status: 400,
    title: 'The Consistency-Token was not issued by this service',
    advice: 'Or `CONSISTENCY_TOKEN_SECRET` has changed since. Go on without the token.',
  },
  consistency_token_expired: {
    status: 400,
    title: 'The Consistency-Token is too old; go on without it',
    advice: 'A token lives `CONSISTENCY_TOKEN_TTL_SECONDS`.',
  },
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
} as const satisfies Record<string, Problem>;

/** A code of the catalogue. */
export type ProblemCode = keyof typeof problems;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}
