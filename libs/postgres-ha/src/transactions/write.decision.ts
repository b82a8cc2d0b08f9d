import { ACQUIRE_TIMEOUT, LOCK_NOT_AVAILABLE, type Failure } from '../database/failure.table.js';
import type { PostgresHaErrorCode } from '../errors/error.catalogue.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';

/** What follows a failed attempt. */
export type Decision = 'retry' | 'wait-for-leader' | 'surface';

/** Another transaction has stored this key in the meantime. */
export const keyTaken = 'KEY_TAKEN';
/** Another session holds the lock of this key, for longer than one waits. */
export const keyLocked = 'KEY_LOCKED';
/** Another write of the same resource waits for a lock already. */
export const lockAwaited = 'LOCK_AWAITED';
/** The standby's confirmation was not waited for. */
export const durabilityInDoubt = 'DURABILITY_IN_DOUBT';

/** Failures that say nothing against the leader: it answered, or it was this process that had no connection to spare. */
const leaderIsThere = new Set<string>([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  LOCK_NOT_AVAILABLE,
  '57014', // query_canceled
  ACQUIRE_TIMEOUT,
  keyTaken,
  keyLocked,
  lockAwaited,
  durabilityInDoubt,
]);

/**
 * A unit whose transaction is certainly gone runs again; one whose outcome is unknown runs again too, for its key is looked
 * up first and tells whether it was committed. Where the connection failed, it waits until the leader can be reached.
 */
export function decide({ outcome, code }: Failure): Decision {
  if (outcome === 'surface') return 'surface';
  return leaderIsThere.has(code) ? 'retry' : 'wait-for-leader';
}

/**
 * Whether a failure that is surfaced says what became of an earlier attempt whose outcome was unknown. Only a refusal of the
 * request itself does: the work met it after the key had been looked up, so the earlier attempt had not been committed.
 * Whatever else ends the unit, a refused login for example, may have kept the key from being looked up. A token of another
 * cluster is refused before that, too.
 *
 * @param isRefusal whether the application takes it for a refusal that depends on the data
 */
export function answersOutcome(cause: unknown, isRefusal: boolean): boolean {
  if (isRefusal) return true;
  return cause instanceof PostgresHaError && cause.status < 500 && cause.code !== 'consistency_token_foreign';
}

/** Another transaction has what the write needs: a row, or the write's own key. */
const locks = new Set<string>([LOCK_NOT_AVAILABLE, keyLocked, lockAwaited]);

/** Whether an attempt failed because another transaction held a lock for longer than it waited. */
export function metLock(code: string | undefined): boolean {
  return code !== undefined && locks.has(code);
}

/** Why a write that was given up did not go through. */
export interface Refusal {
  readonly code: PostgresHaErrorCode;
  readonly detail: string;
}

/**
 * The reason for which a write of which nothing was committed is given up.
 *
 * @param reasons codes of the attempts that failed, oldest first: the last one says what it met in the end
 * @param isLockAwaited whether writes of the same resource wait for a lock: then it may have waited behind them, and met nothing
 */
export function whyNotWritten(
  reasons: readonly string[],
  { isLeaderThere, isLockAwaited }: { readonly isLeaderThere: boolean; readonly isLockAwaited: boolean },
): Refusal {
  const last = reasons.at(-1);
  if (!isLeaderThere)
    return { code: 'database_unavailable', detail: 'There was no leader in time; nothing was written.' };
  if (isLockAwaited || metLock(last)) {
    return { code: 'row_locked', detail: 'Another transaction did not let go of it in time; nothing was written.' };
  }
  if (last === undefined || leaderIsThere.has(last)) {
    return { code: 'database_busy', detail: 'The leader is there and was not done in time; nothing was written.' };
  }
  return { code: 'database_unavailable', detail: 'The leader went away again and again; nothing was written.' };
}
