import { LOCK_NOT_AVAILABLE, codeOf } from '../database/failure.table.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';
import { isSameRequest, onceKey, type OnceKey } from './idempotency.key.js';
import { IdempotencyStore, type InTransaction } from './idempotency.store.js';

/** What a unit of work returned, now or when it ran. */
export interface Once<T> {
  /** From an earlier run it comes as JSON gives it back: a Date is a text then. */
  readonly value: T;
  /** It ran before, and did not run now. */
  readonly isReplay: boolean;
}

/** Where {@link exactlyOnce} keeps what was done. */
export interface ExactlyOnceOptions {
  /**
   * Schema of the table that the statements of `createKeysTable` make.
   *
   * @default 'postgres_ha'
   */
  readonly schema?: string | undefined;
}

/**
 * Runs `work` unless it was committed before under this key, and then returns what it returned.
 *
 * Uses nothing of this library but its table: `client` is any connection of pg on which the caller has begun a transaction, in READ
 * COMMITTED. What `work` writes on it and the key are committed together or not at all. So after an error, also after a COMMIT that was
 * not answered, the caller rolls back, or drops the connection, and does the same again with the same key.
 *
 * Two transactions with one key wait for each other, for as long as `lock_timeout` allows. A repetition writes, too (it counts itself), so
 * that its COMMIT waits for a standby as the first one did.
 *
 * @throws PostgresHaError `idempotency_key_malformed`; `idempotency_key_reused` when the key was used with another `request`;
 * `idempotency_key_in_flight` when another transaction works on it for longer than `lock_timeout`; and what `work` throws
 */
export async function exactlyOnce<T>(
  client: InTransaction,
  name: string | OnceKey,
  work: () => Promise<T>,
  { schema = 'postgres_ha' }: ExactlyOnceOptions = {},
): Promise<Once<T>> {
  const key = onceKey(name);
  const store = new IdempotencyStore(schema);
  await store.lock(client, key).catch(inFlight);
  const stored = await store.find(client, key);
  if (stored !== undefined) {
    if (!isSameRequest(stored.fingerprint, key.fingerprint)) throw new PostgresHaError('idempotency_key_reused');
    await client.query(store.countingReplay(key));
    return { value: stored.answer.body as T, isReplay: true };
  }
  const value = await work();
  await client.query(store.storing(key, { status: 200, headers: {}, body: value }));
  return { value, isReplay: false };
}

function inFlight(cause: unknown): never {
  throw codeOf(cause) === LOCK_NOT_AVAILABLE ? new PostgresHaError('idempotency_key_in_flight', { cause }) : cause;
}
