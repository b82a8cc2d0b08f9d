/** Every error this service answers with: a stable code, its HTTP status and a title that does not vary. */
export const problems = {
  validation_failed: { status: 400, title: 'The request is not valid' },
  malformed_request: { status: 400, title: 'The request could not be read' },
  product_not_found: { status: 404, title: 'No such product' },
  customer_not_found: { status: 404, title: 'No such customer' },
  order_not_found: { status: 404, title: 'No such order' },
  album_not_found: { status: 404, title: 'No such album' },
  route_not_found: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  email_taken: { status: 409, title: 'Another customer has this email address' },
  product_has_orders: { status: 409, title: 'The product has orders' },
  unknown_reference: { status: 422, title: 'The request names something that does not exist' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  path_too_long: { status: 414, title: 'The path is too long' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  unsupported_content_encoding: { status: 415, title: 'The content encoding is not supported' },
  read_only: { status: 500, title: 'A write was attempted on the read side' },
  internal_error: { status: 500, title: 'Unexpected error' },
  database_unavailable: { status: 503, title: 'The database cannot be reached for this request' },
  database_busy: { status: 503, title: 'The database is busy with other requests' },
  row_locked: { status: 503, title: 'Another transaction holds a lock that this write needs' },
  database_disk_full: { status: 503, title: 'The database has no space left' },
  database_access_refused: { status: 503, title: 'The database refuses the login of this service' },
  patroni_unavailable: { status: 503, title: 'No Patroni member answered' },
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

/** A code of the catalogue. */
export type ProblemCode = keyof typeof problems;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}
