import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { RedisConnection } from '../cache/redis.connection.js';
import { isNotInstalled, queryReplication } from '../cluster/replication.query.js';
import { Topology } from '../cluster/topology.js';
import { ENVIRONMENT } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import {
  askReadSide,
  type ClusterClient,
  type ClusterPool,
  codeOf,
  isAccessRefused,
  MemberConnections,
  withClient,
} from '../../../../libs/postgres-ha/src/index.js';
import { InjectPool } from '../../../../libs/postgres-ha/src/nest/index.js';
import { PatroniClient, PatroniUnavailableError } from '../patroni/patroni.client.js';
import type { PatroniMember } from '../patroni/patroni.schema.js';
import { BackupClient } from './backup.client.js';
import { EtcdClient } from './etcd.client.js';
import {
  judgeBackup,
  judgeEtcd,
  judgeNodes,
  judgePatroni,
  judgeRead,
  judgeRedis,
  judgeReplication,
  judgeWrite,
  type Judgement,
  type NodeCheck,
  type NodeIdentity,
} from './health.judgement.js';

/** Longer than a request waits for the cache: one late answer does not mean that the cache is down. */
const redisPings = 3;

/** The Terminus indicators. Each answers within HEALTH_TIMEOUT_MS, whatever hangs behind it. */
@Injectable()
export class HealthIndicators {
  constructor(
    private readonly terminus: HealthIndicatorService,
    private readonly patroniClient: PatroniClient,
    private readonly topology: Topology,
    private readonly etcdClient: EtcdClient,
    private readonly backupClient: BackupClient,
    private readonly members: MemberConnections,
    private readonly redisConnection: RedisConnection,
    @InjectPool('watch') private readonly leader: ClusterPool,
    @InjectPool('read') private readonly replicas: ClusterPool,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  write() {
    return this.indicate('write', async () => judgeWrite(await ping(this.leader)));
  }

  read() {
    return this.indicate('read', async () => judgeRead(await this.pingReadSide()));
  }

  patroni() {
    return this.indicate('patroni', async () =>
      judgePatroni(this.patroniClient.isConfigured ? await this.patroniClient.cluster() : 'none'),
    );
  }

  /** Never down: without quorum the leader goes on serving as long as it reaches all other members (failsafe_mode). */
  etcd() {
    return this.indicate('etcd', async () => judgeEtcd(await this.etcdClient.checkMembers()), 'degraded');
  }

  replication() {
    return this.indicate('replication', async () => {
      const view = await queryReplication(this.leader).catch((error: unknown) => {
        if (isNotInstalled(error)) return 'not installed' as const;
        throw error;
      });
      return judgeReplication(view, {
        maxLagBytes: this.environment.HEALTH_MAX_LAG_BYTES,
        maxLagSeconds: this.environment.HEALTH_MAX_LAG_SECONDS,
      });
    });
  }

  /** Asks every member separately for its name, address, role and how fast it answers. */
  nodes() {
    return this.indicate('nodes', async () => {
      const { cluster } = await this.topology.look();
      return judgeNodes(await Promise.all(cluster.members.map((member) => this.checkNode(member))));
    });
  }

  /** The node that answers reads; null when none answers within HEALTH_TIMEOUT_MS. */
  async postgresVersion(): Promise<string | null> {
    const { data } = await this.bounded(async () => ({ status: 'up', data: await this.pingReadSide() }), 'down');
    return (data['version'] as string | undefined) ?? null;
  }

  private pingReadSide() {
    return askReadSide({ read: this.replicas, watch: this.leader }, ping);
  }

  private async checkNode({ name, role, state, host, port }: PatroniMember): Promise<NodeCheck> {
    const startedMs = performance.now();
    const checked = () => ({ responseTimeMs: millisecondsSince(startedMs), checkedAt: new Date().toISOString() });
    try {
      const { value, route } = await this.members.ask({ name, host, port }, identify);
      return { member: name, role, state, ...value, route: route === 'pooled' ? 'haproxy' : route, ...checked() };
    } catch (error) {
      return { member: name, role, state, error: codeOf(error), ...checked() };
    }
  }

  /** Never down: without Redis, reads take longer and nothing else changes. */
  redis() {
    const ask = async () => {
      if (!this.redisConnection.isConfigured) return judgeRedis('not configured');
      for (let asked = 0; asked < redisPings; asked += 1) {
        const answer = await this.redisConnection.use('ping', (client) => client.ping(), true);
        if (answer !== undefined) return judgeRedis('answers');
      }
      return judgeRedis('away');
    };
    return this.indicate('redis', ask, 'degraded');
  }

  /** Whether this service knows a repository of backups. */
  get hasBackup(): boolean {
    return this.backupClient.isConfigured;
  }

  /** Never down: everything works without a backup. */
  backup() {
    const maxAgeSeconds = this.environment.HEALTH_MAX_BACKUP_AGE_HOURS * 3_600;
    return this.indicate(
      'backup',
      async () => judgeBackup(await this.backupClient.status(), maxAgeSeconds),
      'degraded',
    );
  }

  /** Used instead of Terminus' own `attempt`, which knows only up and down, and no `degraded`. */
  private async indicate<const Key extends string>(
    key: Key,
    examine: () => Promise<Judgement>,
    ifSilent: Judgement['status'] = 'down',
  ) {
    const startedMs = performance.now();
    const { status, data } = await this.bounded(examine, ifSilent);
    const result = { ...data, responseTimeMs: millisecondsSince(startedMs), checkedAt: new Date().toISOString() };
    const session = this.terminus.check(key);
    switch (status) {
      case 'up':
        return session.up(result);
      case 'degraded':
        return session.degraded(result);
      case 'down':
        return session.down(result);
    }
  }

  private async bounded(examine: () => Promise<Judgement>, ifSilent: Judgement['status']): Promise<Judgement> {
    const answered = new AbortController();
    const timeoutMs = this.environment.HEALTH_TIMEOUT_MS;
    const timeout = sleep(timeoutMs, undefined, { signal: answered.signal }).then((): Judgement => ({
      status: ifSilent,
      data: { message: `no answer within ${timeoutMs} ms` },
    }));
    timeout.catch(() => undefined);
    const unreachable = (error: unknown): Judgement => ({ status: ifSilent, data: { message: whyUnreachable(error) } });
    const judgement = await Promise.race([examine().catch(unreachable), timeout]);
    answered.abort();
    return judgement;
  }
}

/** A round trip on one connection, and which node it reached. */
function ping(pool: ClusterPool) {
  return withClient(pool, async (client) => {
    const identity = await identify(client);
    return { member: client.node.member, role: client.role, ...identity };
  });
}

/** A round trip, and what the connection is to. */
async function identify(client: Pick<ClusterClient, 'query'>): Promise<NodeIdentity> {
  const { rows } = await client.query<NodeIdentity>(`
    SELECT host(inet_server_addr()) AS address, current_database() AS database, current_user AS "user",
           split_part(current_setting('server_version'), ' ', 1) AS version`);
  return rows[0] as NodeIdentity;
}

const millisecondsSince = (startedMs: number) => Math.round((performance.now() - startedMs) * 10) / 10;

/** Only the code is shown, because messages of drivers may contain addresses and user names. */
function whyUnreachable(error: unknown): string {
  if (error instanceof PatroniUnavailableError) return error.message;
  const code = codeOf(error);
  return isAccessRefused(code) ? `database_access_refused (${code})` : `not reachable (${code})`;
}
