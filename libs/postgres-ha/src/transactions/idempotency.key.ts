import { createHash, randomUUID } from 'node:crypto';
import { PostgresHaError } from '../errors/postgres-ha.error.js';

/** Under which a write is remembered, so that it happens once however often it is sent. */
export interface IdempotencyKey {
  /** Method and route pattern: the same key on another route is another key. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 over what was asked: the same key with another request is an error of the client. */
  readonly fingerprint: Buffer;
  /** Made here because the client sent none; protects the retries of one request only. */
  readonly isServerMade: boolean;
}

/** What of a request decides its key. */
export interface KeyedRequest {
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly body: unknown;
  /** The `Idempotency-Key` header, if there was one. */
  readonly header: string | undefined;
}

/** Up to 255 visible ASCII characters; the draft's quotes around them may be there or not. */
const keyPattern = /^(?:"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/;

/**
 * The key of a writing request, as in the IETF draft "The Idempotency-Key HTTP Header Field".
 *
 * @throws PostgresHaError `idempotency_key_malformed`
 */
export function keyOf({ method, route, path, body, header }: KeyedRequest): IdempotencyKey {
  const scope = `${method} ${route}`;
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([method, path, canonical(body)]))
    .digest();
  if (header === undefined) return { scope, key: randomUUID(), fingerprint, isServerMade: true };
  const match = keyPattern.exec(header.trim());
  const key = match?.[1] ?? match?.[2];
  if (key === undefined) throw new PostgresHaError('idempotency_key_malformed');
  return { scope, key, fingerprint, isServerMade: false };
}

/** The same value whatever the order of its members. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member)]));
}
