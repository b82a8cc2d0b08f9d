import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import type { EntityManager } from 'typeorm';
import type { Claims } from '../consistency/consistency.token.js';
import type { Statement } from '../consistency/node.position.js';
import type { ReadConsistency } from '../consistency/read-consistency.header.js';
import type { ReadOutcome, ReadRequest } from '../consistency/reads.js';
import type { Served } from '../consistency/served.js';
import { PostgresHa } from '../postgres-ha.js';
import { DataSourcePair } from '../typeorm/data-source.pair.js';
import { RequestContext } from './request.context.js';

/** What a read returned and who answered it. */
export interface FacadeRead<T> {
  readonly value: T;
  readonly served: Served;
}

/** How fresh a read has to be; by default what the request's headers say. */
export interface FacadeReadOptions {
  readonly consistency: ReadConsistency;
  readonly claims: Claims | undefined;
}

/** The only door to reading: it chooses the node, proves that it will do, and records who answered. */
@Injectable()
export class ReadFacade {
  constructor(
    private readonly ha: PostgresHa,
    private readonly dataSources: DataSourcePair,
    private readonly context: RequestContext,
  ) {}

  /**
   * Runs `work` on one connection, hence on one node, and returns what it returns. Without side effects, for it may run
   * again on another node.
   *
   * @throws PostgresHaError `acknowledged_write_lost`, `replicas_behind`, `database_unavailable`, `read_only`
   */
  run<T>(work: (manager: EntityManager) => Promise<T>, options?: FacadeReadOptions): Promise<FacadeRead<T>> {
    return this.read((request) => this.ha.reads.run(this.dataSources.reading(work), request), options);
  }

  /**
   * Like {@link run}, for a single short statement: it shares a connection and a packet with others of its moment, which
   * a long one would hold up. A page of rows is for {@link run}.
   */
  query<Row extends QueryResultRow>(statement: Statement, options?: FacadeReadOptions): Promise<FacadeRead<Row[]>> {
    return this.read((request) => this.ha.reads.query<Row>(statement, request), options);
  }

  private async read<T>(
    read: (request: ReadRequest) => Promise<ReadOutcome<T>>,
    { consistency, claims }: FacadeReadOptions = this.context,
  ): Promise<FacadeRead<T>> {
    const { context } = this;
    const request = { consistency, claims, prove: context.wantsProof, pinnedMember: context.served?.member };
    const outcome = await read(request);
    context.read(outcome.claims, outcome.served);
    context.proved(outcome.proof);
    return { value: outcome.value, served: outcome.served };
  }
}
