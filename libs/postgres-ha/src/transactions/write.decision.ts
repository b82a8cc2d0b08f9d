import { ACQUIRE_TIMEOUT, LOCK_NOT_AVAILABLE, type Failure } from '../database/failure.table.js';
import type { PostgresHaErrorCode } from '../errors/error.catalogue.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';

/** What follows a failed attempt. */
export type Decision = 'retry' | 'wait-for-leader' | 'surface';

/** Another transaction has stored this key in the meantime. */
export const keyTaken = 'KEY_TAKEN';
/** Another session has held the lock of this key for longer than the attempt waited. */
export const keyLocked = 'KEY_LOCKED';
/** Another write of the same resource waits for a lock already. */
export const lockAwaited = 'LOCK_AWAITED';
/** The commit did not wait for the confirmation of a standby. */
export const durabilityInDoubt = 'DURABILITY_IN_DOUBT';

/** Failures with which the leader is still there: it answered, or this process had no free connection. */
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
 * A unit runs again when its transaction was certainly rolled back, and also when the outcome is unknown: the next attempt first
 * looks up the key, which tells whether the unit was committed. After a failed connection it waits until the leader can be reached.
 */
export function decide({ outcome, code }: Failure): Decision {
  if (outcome === 'surface') return 'surface';
  return leaderIsThere.has(code) ? 'retry' : 'wait-for-leader';
}

/**
 * Whether an error also tells the outcome of an earlier attempt, which was unknown. Only a refusal of the request itself does: the
 * work meets it after the key has been looked up, so the earlier attempt was not committed. Any other error, for example a
 * refused login or a token of another cluster, may come before the key is looked up.
 *
 * @param isRefusal whether the application takes it for a refusal that depends on the data
 */
export function answersOutcome(cause: unknown, isRefusal: boolean): boolean {
  if (isRefusal) return true;
  return cause instanceof PostgresHaError && cause.status < 500 && cause.code !== 'consistency_token_foreign';
}

/** How a unit of work ended; label of the metric `writes`. `rejected`: the queue was full. */
export type WriteOutcome = 'committed' | 'replayed' | 'rejected' | 'refused' | 'unavailable' | 'unknown';

/** What became of a COMMIT that was not answered. */
export type Resolution = 'committed' | 'not committed' | 'not known';

/**
 * What the end of a unit tells of its COMMIT that was not answered: every later attempt looks up the key first, and does its work
 * only when it finds nothing.
 */
export function resolutionOf(outcome: WriteOutcome): Resolution {
  if (outcome === 'replayed') return 'committed';
  return outcome === 'committed' || outcome === 'refused' ? 'not committed' : 'not known';
}

/** Another transaction has locked what the write needs: a row, or the write's own key. */
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
 * Why a write is given up after its deadline, when nothing of it was committed.
 *
 * @param reasons codes of the attempts that failed, oldest first: the last one decides
 * @param isLockAwaited whether writes of the same resource wait for a lock: this write may have waited behind them without an attempt
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
