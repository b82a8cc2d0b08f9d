import type { ClusterClient } from '../database/cluster.client.js';
import { formatLsn } from '../database/lsn.js';

/** First version with the command WAIT FOR. */
const firstMajor = 19;

/**
 * Whether the server can wait until it has replayed a position, instead of being asked again and again. On the leader there is nothing to
 * wait for.
 */
export function canWaitForLsn({ serverMajor, role }: Pick<ClusterClient, 'serverMajor' | 'role'>): boolean {
  return serverMajor >= firstMajor && role === 'replica';
}

/**
 * The statement with which a standby waits. It answers `success`, `timeout`, or `not in recovery` when it was promoted meanwhile, and
 * fails for none of them. It knows nothing of timelines (documentation of PostgreSQL 19, WAIT FOR), so the position is asked afterwards
 * all the same. It is no part of a transaction: a snapshot that it held would keep the standby from replaying.
 *
 * @param lsn bytes since the start of the log
 * @param timeoutMs whole milliseconds, at least 1: PostgreSQL takes 0 for ever
 */
export function waitForLsn(lsn: bigint, timeoutMs: number): string {
  return `WAIT FOR LSN '${formatLsn(lsn)}' WITH (TIMEOUT '${Math.max(1, Math.ceil(timeoutMs))}ms', NO_THROW)`;
}
