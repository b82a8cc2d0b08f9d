import type { Failure } from '../database/failure.table.js';
import type { PostgresHaErrorCode } from '../errors/error.catalogue.js';

/** What follows a failed attempt. */
export type Decision = 'retry' | 'wait-for-leader' | 'surface';

/** Failures that say nothing against the leader: it answered, or it was this process that had no connection to spare. */
const leaderIsThere = new Set([
  '40001',
  '40P01',
  '55P03',
  '57014',
  'ACQUIRE_TIMEOUT',
  'KEY_TAKEN',
  'KEY_LOCKED',
  'LOCK_AWAITED',
  'DURABILITY_IN_DOUBT',
]);

/**
 * A unit whose transaction is certainly gone runs again; one whose fate is unknown runs again too, for its key is looked
 * up first and tells whether it was committed. Where the connection failed, it waits until the leader can be reached.
 */
export function decide({ fate, code }: Failure): Decision {
  if (fate === 'surface') return 'surface';
  return leaderIsThere.has(code) ? 'retry' : 'wait-for-leader';
}

/** Another transaction has what the write needs: a row, or the write's own key. */
const locks = new Set(['55P03', 'KEY_LOCKED', 'LOCK_AWAITED']);

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
 */
export function whyNotWritten(reasons: readonly string[], isLeaderThere: boolean): Refusal {
  const last = reasons.at(-1);
  if (!isLeaderThere)
    return { code: 'database_unavailable', detail: 'There was no leader in time; nothing was written.' };
  if (metLock(last)) {
    return { code: 'row_locked', detail: 'Another transaction did not let go of it in time; nothing was written.' };
  }
  if (last === undefined || leaderIsThere.has(last)) {
    return { code: 'database_busy', detail: 'The leader is there and was not done in time; nothing was written.' };
  }
  return { code: 'database_unavailable', detail: 'The leader went away again and again; nothing was written.' };
}
