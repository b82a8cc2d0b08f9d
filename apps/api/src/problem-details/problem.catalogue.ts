import { postgresHaErrors } from '../../../../libs/postgres-ha/src/index.js';

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
  internal_error: { status: 500, title: 'Unexpected error' },
  ...postgresHaErrors,
  patroni_unavailable: { status: 503, title: 'No Patroni member answered' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** A code of the catalogue. */
export type ProblemCode = keyof typeof problems;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}
