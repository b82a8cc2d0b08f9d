import { Injectable } from '@nestjs/common';
import { type ClusterPool, withClient } from '../../../../libs/postgres-ha/src/index.js';
import { InjectPool } from '../../../../libs/postgres-ha/src/nest/index.js';
import { PatroniClient } from '../patroni/patroni.client.js';
import type { Cluster } from '../patroni/patroni.schema.js';
import { clusterOf } from './cluster.mapping.js';
import type { ClusterDto } from './cluster.schema.js';
import { isNotInstalled, queryReplication } from './replication.query.js';

/** The members, and who told. */
export interface Look extends Pick<ClusterDto, 'source' | 'note'> {
  readonly cluster: Cluster;
}

const onlyConnected = 'PostgreSQL knows the standbys that are connected to the leader, and no others.';
const onlyLeader = 'The function lab.replication_status() is not installed: standbys are not known.';

/** Finds the members: through Patroni, or where there is none (PATRONI_URLS is `none`) from the leader itself. */
@Injectable()
export class Topology {
  constructor(
    private readonly patroni: PatroniClient,
    @InjectPool('watch') private readonly leader: ClusterPool,
  ) {}

  /** @throws PatroniUnavailableError, or without Patroni what a connection to the leader throws */
  async look(): Promise<Look> {
    if (this.patroni.isConfigured) return { source: 'patroni', note: null, cluster: await this.patroni.cluster() };
    const node = await withClient(this.leader, (client) => Promise.resolve(client.node));
    try {
      const { standbys } = await queryReplication(this.leader);
      return { source: 'postgresql', note: onlyConnected, cluster: clusterOf(node, standbys) };
    } catch (error) {
      if (!isNotInstalled(error)) throw error;
      return { source: 'postgresql', note: onlyLeader, cluster: clusterOf(node, []) };
    }
  }
}
