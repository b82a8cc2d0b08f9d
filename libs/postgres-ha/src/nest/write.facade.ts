import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Claims } from '../consistency/consistency.token.js';
import type { Served } from '../consistency/served.js';
import { formatLsn } from '../database/lsn.js';
import { PostgresHa } from '../postgres-ha.js';
import type { Answer } from '../transactions/answer.js';
import type { CommitWatcher } from '../transactions/write.attempt.js';
import { DataSourcePair } from '../typeorm/data-source.pair.js';
import { IdempotencyContext } from './idempotency.context.js';
import { RequestContext } from './request.context.js';

/** The result of a committed unit of work. */
export interface FacadeWrite<A extends Answer> {
  /** Body of the answer: the work's own, or the one stored when this request was first served. */
  readonly body: A['body'];
  /** What the client has seen after this write: the source of its `Consistency-Token`. */
  readonly claims: Claims;
  /** Position of the log that contains the commit. */
  readonly lsn: string;
}

/**
 * The only door to writing: runs a unit of work in a transaction on the leader, exactly once, through whatever failovers
 * happen meanwhile.
 */
@Injectable()
export class WriteFacade {
  constructor(
    private readonly ha: PostgresHa,
    private readonly dataSources: DataSourcePair,
    private readonly context: RequestContext,
    private readonly idempotency: IdempotencyContext,
  ) {}

  /**
   * Runs `work` until it is committed once, or was committed before under the request's `Idempotency-Key`. `work` may run
   * several times, and all but one of its runs are rolled back: it has no effect except through the manager it is given.
   * `watcher` is told about the commits.
   *
   * @throws PostgresHaError `write_queue_full` at once; after `transactions.deadlineMs`, when nothing was committed,
   * `database_unavailable`, `row_locked` or `database_busy`; `write_outcome_unknown` when that is not known, at the deadline or
   * earlier where trying again is refused;
   * `idempotency_key_in_flight`, `idempotency_key_reused`,
   * `idempotency_key_malformed`; and what `work` throws
   */
  async run<A extends Answer>(
    work: (manager: EntityManager, served: Served) => Promise<A>,
    watcher?: CommitWatcher,
  ): Promise<FacadeWrite<A>> {
    const { key, resource } = this.idempotency;
    const committed = await this.ha.writes.run({
      work: this.dataSources.writing(work),
      watcher,
      key,
      claims: this.context.claims,
      resource,
    });
    const { answer, isReplay, served, systemId, position } = committed;
    const claims = this.context.wrote(systemId, position, served);
    if (answer.status >= 400) throw this.ha.options.refusals.restore(answer);
    this.idempotency.answer(answer, isReplay);
    return { body: answer.body, claims, lsn: formatLsn(position.ceiling) };
  }
}
