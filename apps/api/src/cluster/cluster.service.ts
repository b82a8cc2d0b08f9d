import { Injectable } from '@nestjs/common';
import {
  type ClusterPool,
  codeOf,
  MemberConnections,
  unavailableWhenAway,
} from '../../../../libs/postgres-ha/src/index.js';
import { InjectPool } from '../../../../libs/postgres-ha/src/nest/index.js';
import { PatroniClient, PatroniUnavailableError } from '../patroni/patroni.client.js';
import { unavailable } from '../problem-details/problem.error.js';
import type { PatroniMember } from '../patroni/patroni.schema.js';
import { leaderOf, toClusterDto, toHistoryDto } from './cluster.mapping.js';
import type { ClusterDto, HistoryDto, ReplicationDto, WalReceiver } from './cluster.schema.js';
import { queryHistory, queryReplication, queryWalReceiver } from './replication.query.js';
import { synchronousMode, synchronousModeOf } from './synchronous.mode.js';
import { Topology } from './topology.js';

@Injectable()
export class ClusterService {
  constructor(
    private readonly patroni: PatroniClient,
    private readonly topology: Topology,
    private readonly members: MemberConnections,
    @InjectPool('write') private readonly leader: ClusterPool,
  ) {}

  async cluster(): Promise<ClusterDto> {
    const { cluster, ...told } = await this.topology.look().catch(rethrow);
    return toClusterDto(cluster, told);
  }

  async history(): Promise<HistoryDto> {
    if (this.patroni.isConfigured) return toHistoryDto(await this.patroni.history().catch(rethrow));
    return queryHistory(this.leader).catch(rethrow);
  }

  async replication(): Promise<ReplicationDto> {
    const [view, config, walReceivers] = await Promise.all([
      queryReplication(this.leader).catch((error: unknown) => {
        throw unavailableWhenAway(error);
      }),
      this.patroni.isConfigured ? this.patroni.config().catch(() => undefined) : undefined,
      this.walReceivers(),
    ]);
    const { synchronousCommit: commit, ...seenByLeader } = view;
    const settings = { standbyNames: view.synchronousStandbyNames, commit };
    const synchronous = this.patroni.isConfigured ? synchronousMode(config, settings) : synchronousModeOf(settings);
    return { ...seenByLeader, synchronous, walReceivers };
  }

  /** The WAL receiver of every standby that is known; none while nobody tells. A standby that cannot be asked has an `error` instead. */
  private async walReceivers(): Promise<WalReceiver[]> {
    const look = await this.topology.look().catch(() => undefined);
    if (look === undefined) return [];
    const { cluster } = look;
    const leader = leaderOf(cluster);
    const standbys = cluster.members.filter((member) => member !== leader);
    return Promise.all(standbys.map((standby) => this.walReceiver(standby)));
  }

  private async walReceiver(standby: PatroniMember): Promise<WalReceiver> {
    const member = standby.name;
    try {
      const { value } = await this.members.ask(standby, queryWalReceiver);
      return { member, ...value } as WalReceiver;
    } catch (error) {
      return { member, error: codeOf(error) };
    }
  }
}

function rethrow(error: unknown): never {
  if (!(error instanceof PatroniUnavailableError)) throw unavailableWhenAway(error);
  throw unavailable('patroni_unavailable', error.message, { cause: error, retryAfterSeconds: 2 });
}
