import { postgresHaErrors } from '../../../../libs/postgres-ha/src/index.js';

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
  internal_error: { status: 500, title: 'Unexpected error', advice: 'A fault of this service.' },
  patroni_unavailable: { status: 503, title: 'No Patroni member answered' },
  ...postgresHaErrors,
  // Names settings and tools of this service, which the library does not know.
  database_access_refused: {
    ...postgresHaErrors.database_access_refused,
    advice: 'The login or its rights are wrong: `scripts/lab doctor` says which.',
  },
  consistency_token_forged: {
    ...postgresHaErrors.consistency_token_forged,
    advice: 'Or `CONSISTENCY_TOKEN_SECRET` has changed since. Go on without the token.',
  },
  consistency_token_expired: {
    ...postgresHaErrors.consistency_token_expired,
    advice: 'A token lives `CONSISTENCY_TOKEN_TTL_SECONDS`.',
  },
} as const satisfies Record<string, Problem>;

/** A code of the catalogue. */
export type ProblemCode = keyof typeof problems;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}
