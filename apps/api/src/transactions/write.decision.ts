import type { Failure } from '../database/failure.table.js';

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
