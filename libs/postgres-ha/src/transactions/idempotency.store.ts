import { escapeLiteral } from 'pg';
import type { ClusterClient } from '../database/cluster.client.js';
import type { Answer } from './answer.js';
import type { LastStatement } from './commit.js';
import type { IdempotencyKey } from './idempotency.key.js';

/** What is stored under a key. */
export interface StoredAnswer {
  readonly fingerprint: Buffer;
  readonly answer: Answer;
}

interface KeyRow {
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

/** Name of the constraint that two writes of the same key meet at. */
export const keyConstraint = 'idempotency_keys_pkey';

/** How long a key is kept: for a client's to repeat its request, for ours to resolve one commit. */
const keptForClient = '24 hours';
const keptForServer = '1 hour';

/** Waits until no other transaction works on this key, at most `lock_timeout`. Held to the end of the transaction. */
export function lockKey(client: ClusterClient, { scope, key }: IdempotencyKey) {
  return client.query({
    name: 'idempotency-lock',
    text: `SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))`,
    values: [scope, key],
  });
}

/** What was answered to this key before, if anything. */
export async function findAnswer(
  client: ClusterClient,
  { scope, key }: IdempotencyKey,
): Promise<StoredAnswer | undefined> {
  const { rows } = await client.query<KeyRow>({
    name: 'idempotency-find',
    text: 'SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE scope = $1 AND key = $2',
    values: [scope, key],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  const { fingerprint, status, headers, body } = row;
  return { fingerprint, answer: { status, headers, body: body === null ? undefined : JSON.parse(body) } };
}

/** Stores the answer, in the transaction of the write it speaks of. Fails with 23505 when the key is taken. */
export function storingAnswer(key: IdempotencyKey, { status, headers, body }: Answer): LastStatement {
  const values = [
    escapeLiteral(key.scope),
    escapeLiteral(key.key),
    `'\\x${key.fingerprint.toString('hex')}'`,
    status,
    escapeLiteral(JSON.stringify(headers)),
    body === undefined ? 'NULL' : escapeLiteral(JSON.stringify(body)),
    `now() + '${key.isServerMade ? keptForServer : keptForClient}'`,
  ];
  return `INSERT INTO idempotency_keys (scope, key, fingerprint, status, headers, body, kept_until)
          VALUES (${values.join(', ')})`;
}

/**
 * Counts a repetition. It is here because it writes: the commit of a write waits for a standby, so a stored answer that
 * was not yet replicated is by then. A replay that only read would vouch for a row that a failover can take away.
 */
export function countingReplay({ scope, key }: IdempotencyKey): LastStatement {
  return `UPDATE idempotency_keys SET replays = replays + 1
          WHERE scope = ${escapeLiteral(scope)} AND key = ${escapeLiteral(key)}`;
}
