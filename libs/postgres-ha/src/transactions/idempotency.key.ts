import { createHash, randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import { parseItem } from 'structured-headers';
import { PostgresHaError } from '../errors/postgres-ha.error.js';

/** The name under which a write is stored, so that it happens once however often it is sent. */
export interface IdempotencyKey {
  /** Method and route pattern: the same key on another route is another key. */
  readonly scope: string;
  readonly key: string;
  /** A version and a digest of the request: the same key with another request is an error of the client. */
  readonly fingerprint: Buffer;
  /** The client sent no key, so the service made one. It protects only the retries within this request. */
  readonly isServerMade: boolean;
}

/** The name of a unit of work, as code gives it that serves no HTTP request. */
export interface OnceKey {
  /** 1 to 255 visible ASCII characters. */
  readonly key: string;
  /**
   * What the key belongs to, for example a kind of job: the same key in another scope is another key.
   *
   * @default ''
   */
  readonly scope?: string | undefined;
  /** What the unit was asked to do, as JSON can tell it: the same key with something else is refused. */
  readonly request?: unknown;
}

/** The parts of a request from which its key is made. */
export interface KeyedRequest {
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly body: unknown;
  /** The `Idempotency-Key` header, if there was one. */
  readonly header: string | undefined;
}

/** First byte of a fingerprint. 1: SHA-256 over method, path and body in the form of RFC 8785. */
const fingerprintVersion = 1;
/** Length of a fingerprint without a version, as earlier versions of the service stored it. */
const digestBytes = 32;

/** 1 to 255 visible ASCII characters. */
const keyPattern = /^[\x21-\x7e]{1,255}$/;

/**
 * The key of a writing request, as in the IETF draft "The Idempotency-Key HTTP Header Field".
 *
 * @throws PostgresHaError `idempotency_key_malformed`
 */
export function keyOf({ method, route, path, body, header }: KeyedRequest): IdempotencyKey {
  const scope = `${method} ${route}`;
  const fingerprint = fingerprintOf(method, path, body);
  if (header === undefined) return { scope, key: randomUUID(), fingerprint, isServerMade: true };
  const key = keyIn(header.trim());
  if (key === undefined) throw new PostgresHaError('idempotency_key_malformed');
  return { scope, key, fingerprint, isServerMade: false };
}

/**
 * The key of a unit of work that serves no HTTP request. Without a name it gets one, which protects only its own retries.
 *
 * @throws PostgresHaError `idempotency_key_malformed`
 */
export function onceKey(name: string | OnceKey | undefined): IdempotencyKey {
  const { key, scope = '', request }: OnceKey = typeof name === 'object' ? name : { key: name ?? randomUUID() };
  if (!keyPattern.test(key)) throw new PostgresHaError('idempotency_key_malformed');
  return { scope, key, fingerprint: fingerprintOf('', scope, request), isServerMade: name === undefined };
}

/** The draft wants the key as a string of RFC 9651, `"key"`. Many clients send it without quotes, which is accepted too. */
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

function fingerprintOf(method: string, path: string, body: unknown): Buffer {
  const digest = createHash('sha256')
    .update(canonicalText([method, path, body ?? null]))
    .digest();
  return Buffer.concat([Buffer.of(fingerprintVersion), digest]);
}

/** The same text for every order of members (RFC 8785). Values that the RFC cannot write, for example half of a surrogate pair, stay as they came. */
function canonicalText(request: readonly unknown[]): string {
  try {
    return canonicalize(request) ?? '';
  } catch {
    return JSON.stringify(request);
  }
}

/**
 * Whether a stored fingerprint can be of the request that has this one.
 *
 * A fingerprint without a version is compared by its digest, which both versions compute alike unless a member's name is a number.
 * One of another version proves nothing, so the key alone decides: a client that repeats its write while the service is being
 * updated must get its answer, and not a refusal for another request.
 */
export function isSameRequest(stored: Buffer, fingerprint: Buffer): boolean {
  if (stored.length === digestBytes) return stored.equals(fingerprint.subarray(1));
  return stored[0] !== fingerprintVersion || stored.equals(fingerprint);
}
