import { readClaims, writeClaims, type Claims, type TokenCodec } from '../consistency/consistency.token.js';
import { parseReadConsistency, type ReadConsistency } from '../consistency/read-consistency.header.js';
import { servedByHeader } from '../consistency/served.js';
import type { RequestContext } from './request.context.js';

/** The headers of a request, in lower case, as Node and every server on it has them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the headers of a request ask for. */
export interface Asked {
  readonly consistency: ReadConsistency;
  /** What the client has seen; undefined when it sent no `Consistency-Token`. */
  readonly claims: Claims | undefined;
}

/**
 * Reads `Read-Consistency` and `Consistency-Token`.
 *
 * @throws PostgresHaError of status 400 when one of them cannot be read
 */
export function askedBy(headers: RequestHeaders, codec: TokenCodec): Asked {
  const token = headers['consistency-token']?.toString();
  return {
    consistency: parseReadConsistency(headers['read-consistency']?.toString()),
    claims: token === undefined ? undefined : readClaims(token, codec),
  };
}

/** `Served-By`, and `Consistency-Token` unless the answer is an error. */
export function answerHeaders(
  { served, answered }: Pick<RequestContext, 'served' | 'answered'>,
  codec: TokenCodec,
  status: number,
): Readonly<Record<string, string>> {
  return {
    ...(served !== undefined && { 'Served-By': servedByHeader(served) }),
    ...(answered !== undefined && status < 400 && { 'Consistency-Token': writeClaims(answered, codec) }),
  };
}
