import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Node } from '../database/cluster.client.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';
import type { TokenSecret } from '../options/postgres-ha.options.js';
import type { Role } from '../database/cluster.client.js';
import { judge, merge, type Lineage, type Position } from './position.js';
import type { ReadConsistency } from './read-consistency.header.js';

/**
 * What a `Consistency-Token` says: this client has seen `position` of the database `systemId`.
 *
 * Layout, big endian, in base64url: version (1 byte), flags (1), system identifier (8), timeline (4), floor (8),
 * ceiling (8), issued at in Unix seconds (4), then the first 16 bytes of the HMAC-SHA-256 over all of it. The id of the secret, where it
 * has one, stands before that with a dot, and is signed, too: `2026-11.AgA…`.
 */
export interface ConsistencyToken {
  readonly systemId: bigint;
  readonly position: Position;
  readonly issuedAtSeconds: number;
}

/** Signed by a secret without an id. */
const namelessVersion = 1;
/** Signed by a secret with an id. */
const namedVersion = 2;
const bodyBytes = 34;
const macBytes = 16;
const bodyLength = Math.ceil(((bodyBytes + macBytes) * 4) / 3);
const idPattern = /^[\w-]{1,16}$/;
/** With the longest id; a longer text is not even looked at. */
const longestText = 16 + 1 + bodyLength;
const asynchronousFlag = 1;
const leaderOnlyFlag = 2;
const clockSkewSeconds = 60;
const shortestSecret = 32;

/** Some 300 bytes each. */
const maxRemembered = 4_096;

/** More tokens than this in one header are refused: a client needs one for each timeline that its session has seen. */
const maxTokens = 16;

interface Signer {
  readonly id: string | undefined;
  readonly key: KeyObject;
}

/** Signs and reads tokens. Without the signature a client could send every read to the leader, with an invented LSN. */
export class TokenCodec {
  /** The first one signs, all verify. */
  private readonly signers: readonly Signer[];
  /** Tokens that this instance has lately issued or verified. A session sends back the one that it was just given. */
  private readonly trusted = new Map<string, ConsistencyToken>();
  /** Tokens by their content, for many reads see the same within the same second. */
  private readonly issued = new Map<string, string>();

  /**
   * @param secrets the first one signs, all of them verify; the same on every instance
   * @param lifetimeSeconds age from which a token is refused
   * @throws RangeError when there is no secret, one is shorter than 32 characters, or an id is not valid or not unique
   */
  constructor(
    secrets: readonly TokenSecret[],
    private readonly lifetimeSeconds: number,
    private readonly nowSeconds: () => number = () => Math.floor(Date.now() / 1_000),
  ) {
    refuseUnusable(secrets);
    this.signers = secrets.map(({ id, secret }) => ({ id, key: createSecretKey(secret, 'utf8') }));
  }

  /** The text of a token that says so, signed and issued now. */
  encode(systemId: bigint, position: Position): string {
    const [signer] = this.signers as [Signer];
    const token = Buffer.allocUnsafe(bodyBytes + macBytes);
    token.writeUInt8(signer.id === undefined ? namelessVersion : namedVersion, 0);
    token.writeUInt8((position.asynchronous ? asynchronousFlag : 0) | (position.leaderOnly ? leaderOnlyFlag : 0), 1);
    token.writeBigUInt64BE(systemId, 2);
    token.writeUInt32BE(position.timeline, 10);
    token.writeBigUInt64BE(position.floor, 14);
    token.writeBigUInt64BE(position.ceiling, 22);
    token.writeUInt32BE(this.nowSeconds(), 30);
    const said = token.toString('latin1', 0, bodyBytes);
    let text = this.issued.get(said);
    if (text === undefined) {
      mac(signer, token.subarray(0, bodyBytes)).copy(token, bodyBytes, 0, macBytes);
      text = (signer.id === undefined ? '' : `${signer.id}.`) + token.toString('base64url');
      remember(this.issued, said, text);
      remember(this.trusted, text, { systemId, position, issuedAtSeconds: token.readUInt32BE(30) });
    }
    return text;
  }

  /** @throws PostgresHaError `consistency_token_malformed`, `consistency_token_forged` or `consistency_token_expired` */
  decode(text: string): ConsistencyToken {
    let token = this.trusted.get(text);
    if (token === undefined) {
      token = this.verify(text);
      remember(this.trusted, text, token);
    }
    const ageSeconds = this.nowSeconds() - token.issuedAtSeconds;
    if (ageSeconds > this.lifetimeSeconds || ageSeconds < -clockSkewSeconds) {
      throw new PostgresHaError('consistency_token_expired');
    }
    return token;
  }

  private verify(text: string): ConsistencyToken {
    const { id, token } = split(text);
    const body = token.subarray(0, bodyBytes);
    if (body.readUInt8(0) !== (id === undefined ? namelessVersion : namedVersion)) throw malformed();
    const signed = token.subarray(bodyBytes);
    const isSigner = (signer: Signer) =>
      signer.id === id && timingSafeEqual(signed, mac(signer, body).subarray(0, macBytes));
    if (!this.signers.some(isSigner)) throw new PostgresHaError('consistency_token_forged');
    const flags = body.readUInt8(1);
    return {
      systemId: body.readBigUInt64BE(2),
      issuedAtSeconds: body.readUInt32BE(30),
      position: {
        timeline: body.readUInt32BE(10),
        floor: body.readBigUInt64BE(14),
        ceiling: body.readBigUInt64BE(22),
        asynchronous: (flags & asynchronousFlag) !== 0,
        leaderOnly: (flags & leaderOnlyFlag) !== 0,
      },
    };
  }
}

function mac({ id, key }: Signer, body: Buffer): Buffer {
  const hmac = createHmac('sha256', key);
  if (id !== undefined) hmac.update(`${id}.`);
  return hmac.update(body).digest();
}

/** The id that a text names, if any, and its signed bytes. */
function split(text: string): { readonly id: string | undefined; readonly token: Buffer } {
  if (text.length > longestText) throw malformed();
  const [first = '', second, ...more] = text.split('.');
  const [id, encoded] = second === undefined ? [undefined, first] : [first, second];
  const isId = id === undefined || idPattern.test(id);
  if (!isId || more.length > 0 || encoded.length !== bodyLength || !/^[\w-]+$/.test(encoded)) throw malformed();
  return { id, token: Buffer.from(encoded, 'base64url') };
}

const malformed = () => new PostgresHaError('consistency_token_malformed');

function refuseUnusable(secrets: readonly TokenSecret[]): void {
  if (secrets.length === 0) throw new RangeError('no secret is given to sign consistency tokens with');
  const ids = secrets.map(({ id }) => id).filter((id) => id !== undefined);
  if (!ids.every((id) => idPattern.test(id)) || new Set(ids).size < ids.length) {
    throw new RangeError('ids of token secrets are unique, and have 1 to 16 letters, digits, - or _');
  }
  // A variable of the environment that is not set is undefined, whatever its type says.
  if (secrets.some(({ secret }: { readonly secret?: string }) => (secret ?? '').length < shortestSecret)) {
    throw new RangeError(`a token secret has at least ${shortestSecret} characters`);
  }
}

/** The oldest makes room for the newest. */
function remember<V>(kept: Map<string, V>, key: string, value: V): void {
  kept.set(key, value);
  if (kept.size <= maxRemembered) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}

/** What a client has seen, by the tokens of one request. Tokens of one timeline are merged; timelines are judged one by one. */
export interface Claims {
  readonly systemId: bigint;
  /** One position per timeline, oldest first; never empty. */
  readonly positions: readonly Position[];
}

/**
 * Reads a `Consistency-Token` header; several tokens, separated by commas, count together.
 *
 * @throws PostgresHaError see {@link TokenCodec.decode}; `consistency_token_foreign` when they are of different clusters
 */
export function readClaims(header: string, codec: TokenCodec): Claims {
  const texts = header.split(',').map((text) => text.trim());
  if (texts.length > maxTokens) throw new PostgresHaError('consistency_token_malformed');
  const tokens = texts.map((text) => codec.decode(text));
  const systemId = tokens[0]?.systemId ?? 0n;
  if (tokens.some((token) => token.systemId !== systemId)) throw new PostgresHaError('consistency_token_foreign');
  return { systemId, positions: mergePerTimeline(tokens.map(({ position }) => position)) };
}

/**
 * What a client has seen after a write at the position `wrote`. A claim that is known to have survived on the timeline of the
 * write is merged with it, so that a session that only writes carries one token, however many failovers it lives through. A
 * claim that was lost, or that cannot be judged yet, stays a token of its own, and the next read judges it.
 */
export function claimsAfterWriting(
  claims: Claims | undefined,
  systemId: bigint,
  wrote: Position,
  lineage: Lineage,
): Claims {
  const leader = { timeline: wrote.timeline, lsn: wrote.ceiling };
  const positions = (claims?.positions ?? []).map((claim) =>
    judge(claim, leader, lineage) === 'holds' ? merge(claim, wrote) : claim,
  );
  return { systemId, positions: mergePerTimeline([...positions, wrote]) };
}

/**
 * What a client has seen after a read that showed it `seen`. In a session the node held every claim, so the claims and `seen`
 * are merged into one position. Undefined for an eventual read, which returns no token.
 */
export function claimsAfterReading(
  { mode }: ReadConsistency,
  claims: Claims | undefined,
  systemId: bigint,
  seen: Position | undefined,
  role: Role,
): Claims | undefined {
  if (seen === undefined || mode === 'eventual') return undefined;
  const held = mode === 'session' ? (claims?.positions ?? []) : [];
  const position = held.reduce(merge, seen);
  return { systemId, positions: [role === 'leader' ? { ...position, leaderOnly: false } : position] };
}

/** @throws PostgresHaError `consistency_token_foreign` when the claims are of another cluster than the node */
export function refuseForeign(claims: Claims | undefined, node: Node): void {
  if (claims !== undefined && claims.systemId !== BigInt(node.systemId)) {
    throw new PostgresHaError('consistency_token_foreign');
  }
}

/** The header value that {@link readClaims} reads: one token, or one per timeline. */
export function writeClaims({ systemId, positions }: Claims, codec: TokenCodec): string {
  return positions.map((position) => codec.encode(systemId, position)).join(', ');
}

/** One position for each timeline, oldest first. */
export function mergePerTimeline(positions: readonly Position[]): readonly Position[] {
  if (positions.length <= 1) return positions;
  const byTimeline = new Map<number, Position>();
  for (const position of positions) {
    const known = byTimeline.get(position.timeline);
    byTimeline.set(position.timeline, known === undefined ? position : merge(known, position));
  }
  return [...byTimeline.values()].toSorted((a, b) => a.timeline - b.timeline);
}
