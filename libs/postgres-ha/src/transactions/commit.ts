import type { QueryResult } from 'pg';
import type { Position } from '../consistency/position.js';
import type { ClusterClient } from '../database/cluster.client.js';
import { parseLsn } from '../database/lsn.js';

interface CommitRow {
  readonly floor: string;
  readonly ceiling: string;
  readonly asynchronous: boolean;
}

/** What is known once COMMIT has been answered. */
export interface Commit {
  readonly position: Position;
  /** The wait for a standby was cancelled: the commit is perhaps only on the leader. */
  readonly isDurabilityInDoubt: boolean;
}

/** An INSERT or UPDATE of one row, without RETURNING. Its values are literals, because the simple protocol has no parameters. */
export type LastStatement = string;

/** Code of the error for a COMMIT that the server answered with the tag ROLLBACK. */
const failedTransaction = '25P02';

/**
 * Sends the last statement of the transaction, COMMIT, and queries for the positions before and after it in one round trip. The end
 * of the commit record lies between the two positions. When the statement fails, COMMIT is not reached.
 *
 * The upper position is read after the commit and is the flush position: no replica would reach an insert position before the next
 * write. It also contains what other transactions have written by then, which a failover may discard although this transaction
 * survives; the lower position tells the two cases apart.
 *
 * When the wait for the synchronous standby is cancelled, PostgreSQL commits locally and sends only a warning (documentation,
 * 26.2.8.3), so warnings are watched. When an earlier statement failed and the work ignored it, the server answers COMMIT with the tag
 * ROLLBACK and no error, so the tag is checked.
 */
export async function commit(client: ClusterClient, last: LastStatement): Promise<Commit> {
  let isDurabilityInDoubt = false;
  const doubt = () => {
    isDurabilityInDoubt = true;
  };
  client.on('notice', doubt);
  try {
    const [before, committed, after] = (await client.query(
      `${last} RETURNING pg_current_wal_insert_lsn() AS floor;
       COMMIT;
       SELECT pg_current_wal_flush_lsn() AS ceiling,
              current_setting('synchronous_standby_names') = ''
                OR current_setting('synchronous_commit') IN ('off', 'local') AS asynchronous`,
    )) as unknown as readonly QueryResult<CommitRow>[];
    if (committed?.command !== 'COMMIT') {
      throw Object.assign(new Error('COMMIT was answered with ROLLBACK: a statement had failed'), {
        code: failedTransaction,
      });
    }
    // A statement that changed no row returns no lower position. 0/0 counts as kept on every timeline.
    const { floor, ceiling, asynchronous } = { floor: '0/0', ...before?.rows[0], ...after?.rows[0] } as CommitRow;
    const position = {
      timeline: client.node.timeline,
      floor: parseLsn(floor) + 1n,
      ceiling: parseLsn(ceiling),
      asynchronous,
      leaderOnly: false,
    };
    return { position, isDurabilityInDoubt };
  } finally {
    client.removeListener('notice', doubt);
  }
}
