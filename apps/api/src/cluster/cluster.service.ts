import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { unavailableWhenAway } from '../database/unavailable.js';
import { PatroniClient, PatroniUnavailableError } from '../patroni/patroni.client.js';
import { unavailable } from '../problem-details/problem.error.js';
import { toClusterDto, toHistoryDto } from './cluster.mapping.js';
import type { ClusterDto, HistoryDto, ReplicationDto } from './cluster.schema.js';
import { queryReplication } from './replication.query.js';

@Injectable()
export class ClusterService {
  constructor(
    private readonly patroni: PatroniClient,
    @InjectDataSource('write') private readonly leader: DataSource,
  ) {}

  async cluster(): Promise<ClusterDto> {
    return toClusterDto(await this.patroni.cluster().catch(rethrow));
  }

  async history(): Promise<HistoryDto> {
    return toHistoryDto(await this.patroni.history().catch(rethrow));
  }

  async replication(): Promise<ReplicationDto> {
    return queryReplication(this.leader).catch((error: unknown) => {
      throw unavailableWhenAway(error);
    });
  }
}

function rethrow(error: unknown): never {
  if (!(error instanceof PatroniUnavailableError)) throw error;
  throw unavailable('patroni_unavailable', error.message, { cause: error, retryAfterSeconds: 2 });
}
