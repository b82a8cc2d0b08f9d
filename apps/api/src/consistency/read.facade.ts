import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { ClusterClient } from '../database/cluster.client.js';
import { unavailableWhenAway } from '../database/unavailable.js';
import { RequestContext } from './request.context.js';
import { servedBy, type Served } from './served.js';

/** What a read returned and who answered it. */
export interface ReadResult<T> {
  readonly value: T;
  readonly served: Served;
}

/** A read of one request: all its queries run on one connection, hence see one node. */
export type ReadWork<T> = (manager: EntityManager) => Promise<T>;

/** The only door to reading: it chooses the node, and records who answered. */
@Injectable()
export class ReadFacade {
  constructor(
    @InjectDataSource('write') private readonly leader: DataSource,
    @InjectDataSource('read') private readonly replicas: DataSource,
    private readonly context: RequestContext,
  ) {}

  /** Reads on a replica, or on the leader while HAProxy finds no replica. */
  async eventual<T>(work: ReadWork<T>): Promise<ReadResult<T>> {
    return this.on(this.replicas, work);
  }

  /** Reads on the leader: sees every write that was acknowledged before. */
  async strong<T>(work: ReadWork<T>): Promise<ReadResult<T>> {
    return this.on(this.leader, work);
  }

  private async on<T>(dataSource: DataSource, work: ReadWork<T>): Promise<ReadResult<T>> {
    const queryRunner = dataSource.createQueryRunner();
    try {
      const client = (await queryRunner.connect()) as ClusterClient;
      const forwarded = dataSource === this.replicas && client.role === 'leader' ? 'no-replica' : undefined;
      const served = servedBy(client, forwarded);
      const value = await work(queryRunner.manager);
      this.context.served = served;
      return { value, served };
    } catch (error) {
      throw unavailableWhenAway(error);
    } finally {
      await queryRunner.release();
    }
  }
}
