import { createHash, randomUUID } from 'node:crypto';
import { parseItem } from 'structured-headers';
import { ProblemError } from '../../../../apps/api/src/problem-details/problem.error.js';

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

/** 1 to 255 visible ASCII characters. */
const keyPattern = /^[\x21-\x7e]{1,255}$/;

/**
 * The key of a writing request, as in the IETF draft "The Idempotency-Key HTTP Header Field".
 *
 * @throws ProblemError `idempotency_key_malformed`
 */
export function keyOf({ method, route, path, body, header }: KeyedRequest): IdempotencyKey {
  const scope = `${method} ${route}`;
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([method, path, canonical(body)]))
    .digest();
  if (header === undefined) return { scope, key: randomUUID(), fingerprint, isServerMade: true };
  const key = keyIn(header.trim());
  if (key === undefined) throw new ProblemError('idempotency_key_malformed');
  return { scope, key, fingerprint, isServerMade: false };
}

/** The draft wants the key as a string of RFC 9651, `"key"`. Many clients send it bare, which is understood too. */
function keyIn(header: string): string | undefined {
  const key = header.includes('"') ? stringIn(header) : header;
  return key !== undefined && keyPattern.test(key) ? key : undefined;
}

function stringIn(header: string): string | undefined {
  try {
    const [item, parameters] = parseItem(header);
    return typeof item === 'string' && parameters.size === 0 ? item : undefined;
  } catch {
    return undefined;
  }
}

/** The same value whatever the order of its members. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member)]));
}
