import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { QueryResult } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { RequestContext } from '../consistency/request.context.js';
import { refuseForeign, type Claims } from '../consistency/consistency.token.js';
import type { Position } from '../consistency/position.js';
import { servedBy, type Served } from '../consistency/served.js';
import type { ClusterClient } from '../database/cluster.client.js';
import { formatLsn, parseLsn } from '../database/lsn.js';
import type { Phase } from '../database/failure.table.js';
import { unavailableWhenAway } from '../database/unavailable.js';

/** What a committed unit of work returned, who committed it and up to which position of the log it reaches. */
export interface WriteResult<T> {
  readonly value: T;
  readonly served: Served;
  /** Flush LSN of the leader, read after the commit. */
  readonly lsn: string;
  /** What the writer has seen now: the source of its `Consistency-Token`. */
  readonly claims: Claims;
}

/** A unit of work: everything it does through `manager` is committed together or not at all. */
export type WriteWork<T> = (manager: EntityManager) => Promise<T>;

/** The only door to writing: runs a unit of work in a transaction on the leader. */
@Injectable()
export class WriteFacade {
  constructor(
    @InjectDataSource('write') private readonly leader: DataSource,
    private readonly context: RequestContext,
  ) {}

  /**
   * @throws ProblemError `database_unavailable` when nothing was committed, `write_outcome_unknown` when the connection
   * was lost after COMMIT was sent; the work's own errors otherwise.
   */
  async run<T>(work: WriteWork<T>): Promise<WriteResult<T>> {
    const queryRunner = this.leader.createQueryRunner();
    let phase: Phase = 'working';
    try {
      const client = (await queryRunner.connect()) as ClusterClient;
      refuseForeign(this.context.claims, client.node);
      await queryRunner.startTransaction();
      const value = await work(queryRunner.manager).catch(async (error: unknown) => {
        await queryRunner.rollbackTransaction().catch(() => client.markUnfit('rollback failed'));
        throw error;
      });
      phase = 'committing';
      const position = await commit(client);
      const served = servedBy(client);
      const claims = this.context.wrote(BigInt(client.node.systemId), position, served);
      return { value, served, claims, lsn: formatLsn(position.ceiling) };
    } catch (error) {
      throw unavailableWhenAway(error, phase);
    } finally {
      await queryRunner.release();
    }
  }
}

interface CommitRow {
  readonly floor: string;
  readonly ceiling: string;
  readonly asynchronous: boolean;
}

/**
 * COMMIT and the positions around it in one round trip; the end of the commit record lies between them.
 *
 * The upper one must be read after the commit, and it is the flush position: an insert position can lie beyond anything
 * a replica will replay until the next write. It includes what others had written by then, which a failover may discard
 * although this transaction survived; that is what the lower one is for.
 *
 * A transaction in which a statement's error was swallowed answers COMMIT with the tag ROLLBACK and no error at all.
 */
async function commit(client: ClusterClient): Promise<Position> {
  const [before, committed, after] = (await client.query(
    `SELECT pg_current_wal_insert_lsn() AS floor;
     COMMIT;
     SELECT pg_current_wal_flush_lsn() AS ceiling,
            current_setting('synchronous_standby_names') = ''
              OR current_setting('synchronous_commit') IN ('off', 'local') AS asynchronous`,
  )) as unknown as readonly QueryResult<CommitRow>[];
  if (committed?.command !== 'COMMIT') {
    throw Object.assign(new Error('COMMIT was answered with ROLLBACK: a statement had failed'), { code: '25P02' });
  }
  const { floor, ceiling, asynchronous } = { ...before?.rows[0], ...after?.rows[0] } as CommitRow;
  return {
    timeline: client.node.timeline,
    floor: parseLsn(floor) + 1n,
    ceiling: parseLsn(ceiling),
    asynchronous,
    leaderOnly: false,
  };
}
