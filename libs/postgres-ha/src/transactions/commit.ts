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
  /** The wait for a standby was cancelled: the row is there, and only on the leader. */
  readonly isDurabilityInDoubt: boolean;
}

/** An INSERT or UPDATE of one row, without RETURNING and with literals for values: the simple protocol has no parameters. */
export type LastStatement = string;

/** Code of the error for a COMMIT that the server answered with the tag ROLLBACK. */
const failedTransaction = '25P02';

/**
 * The last statement of the transaction, COMMIT and the positions around it in one round trip; the end of the commit
 * record lies between them. When the statement fails, COMMIT is not reached.
 *
 * The upper one must be read after the commit, and it is the flush position: an insert position can lie beyond anything
 * a replica will replay until the next write. It includes what others had written by then, which a failover may discard
 * although this transaction survived; that is what the lower one is for.
 *
 * A cancelled wait for the synchronous standby commits locally, with no more than a warning (PostgreSQL documentation,
 * 26.2.8.3), so warnings are listened to. A transaction in which a statement's error was swallowed answers COMMIT with
 * the tag ROLLBACK and no error, so the tag is looked at.
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
    // Without a row there is no lower bound: the position then counts as kept wherever it might be.
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
