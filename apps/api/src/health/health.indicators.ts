import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { RedisConnection } from '../cache/redis.connection.js';
import { queryReplication } from '../cluster/replication.query.js';
import { ENVIRONMENT } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import type { ClusterClient } from '../database/cluster.client.js';
import { codeOf } from '../database/failure.table.js';
import { PatroniClient, PatroniUnavailableError } from '../patroni/patroni.client.js';
import {
  judgePatroni,
  judgeRead,
  judgeRedis,
  judgeReplication,
  judgeWrite,
  type Judgement,
} from './health.judgement.js';

/** The Terminus indicators. Each answers within HEALTH_TIMEOUT_MS, whatever hangs behind it. */
@Injectable()
export class HealthIndicators {
  constructor(
    private readonly terminus: HealthIndicatorService,
    private readonly patroniClient: PatroniClient,
    private readonly redisConnection: RedisConnection,
    @InjectDataSource('write') private readonly leader: DataSource,
    @InjectDataSource('read') private readonly replicas: DataSource,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  write() {
    return this.indicate('write', async () => judgeWrite(await ping(this.leader)));
  }

  read() {
    return this.indicate('read', async () => judgeRead(await ping(this.replicas)));
  }

  patroni() {
    return this.indicate('patroni', async () => judgePatroni(await this.patroniClient.cluster()));
  }

  replication() {
    return this.indicate('replication', async () =>
      judgeReplication(await queryReplication(this.leader), {
        maxLagBytes: this.environment.HEALTH_MAX_LAG_BYTES,
        maxLagSeconds: this.environment.HEALTH_MAX_LAG_SECONDS,
      }),
    );
  }

  redis() {
    return this.indicate('redis', async () => {
      if (!this.redisConnection.isConfigured) return judgeRedis('not configured');
      const answer = await this.redisConnection.use('ping', (client) => client.ping());
      return judgeRedis(answer === undefined ? 'away' : 'answers');
    });
  }

  /** Terminus' own `attempt` knows up and down only; `degraded` is what an HA setup needs to say most. */
  private async indicate<const Key extends string>(key: Key, examine: () => Promise<Judgement>) {
    const startedMs = performance.now();
    const answered = new AbortController();
    const timeoutMs = this.environment.HEALTH_TIMEOUT_MS;
    const timeout = sleep(timeoutMs, undefined, { signal: answered.signal }).then((): Judgement => ({
      status: 'down',
      data: { message: `no answer within ${timeoutMs} ms` },
    }));
    timeout.catch(() => undefined);
    const { status, data } = await Promise.race([examine().catch(unreachable), timeout]);
    answered.abort();
    const result = { ...data, responseTimeMs: Math.round(performance.now() - startedMs) };
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
}

/** A round trip on one connection, and which node it reached. */
async function ping(dataSource: DataSource) {
  const queryRunner = dataSource.createQueryRunner();
  try {
    const client = (await queryRunner.connect()) as ClusterClient;
    await queryRunner.query('SELECT 1');
    return { member: client.node.member, address: client.node.address, role: client.role };
  } finally {
    await queryRunner.release();
  }
}

/** The code says enough; messages of drivers may carry addresses and users. */
function unreachable(error: unknown): Judgement {
  const message = error instanceof PatroniUnavailableError ? error.message : `not reachable (${codeOf(error)})`;
  return { status: 'down', data: { message } };
}
