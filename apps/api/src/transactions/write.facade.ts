import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { QueryResult } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { RequestContext } from '../consistency/request.context.js';
import { servedBy, type Served } from '../consistency/served.js';
import type { ClusterClient } from '../database/cluster.client.js';
import type { Phase } from '../database/failure.table.js';
import { unavailableWhenAway } from '../database/unavailable.js';

/** What a committed unit of work returned, who committed it and up to which position of the log it reaches. */
export interface WriteResult<T> {
  readonly value: T;
  readonly served: Served;
  /** Flush LSN of the leader, read after the commit. */
  readonly lsn: string;
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
      const served = servedBy(client);
      await queryRunner.startTransaction();
      const value = await work(queryRunner.manager).catch(async (error: unknown) => {
        await queryRunner.rollbackTransaction().catch(() => client.markUnfit('rollback failed'));
        throw error;
      });
      phase = 'committing';
      const lsn = await commit(client);
      this.context.served = served;
      return { value, served, lsn };
    } catch (error) {
      throw unavailableWhenAway(error, phase);
    } finally {
      await queryRunner.release();
    }
  }
}

/**
 * COMMIT and the position after it in one round trip. The position must be read after the commit record is written, and
 * it is the flush position: an insert position can lie beyond anything a replica will replay until the next write.
 *
 * A transaction in which a statement's error was swallowed answers COMMIT with the tag ROLLBACK and no error at all.
 */
async function commit(client: ClusterClient): Promise<string> {
  const results = (await client.query(
    'COMMIT; SELECT pg_current_wal_flush_lsn() AS lsn',
  )) as unknown as readonly QueryResult<{ lsn: string }>[];
  const [committed, position] = results;
  if (committed?.command !== 'COMMIT') {
    throw Object.assign(new Error('COMMIT was answered with ROLLBACK: a statement had failed'), { code: '25P02' });
  }
  return position?.rows[0]?.lsn ?? '';
}
