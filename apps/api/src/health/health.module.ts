import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { CacheModule } from '../cache/cache.module.js';
import { ClusterModule } from '../cluster/cluster.module.js';
import { PatroniModule } from '../patroni/patroni.module.js';
import { BackupClient } from './backup.client.js';
import { EtcdClient } from './etcd.client.js';
import { HealthController } from './health.controller.js';
import { HealthIndicators } from './health.indicators.js';

/** Terminus indicators. Its own log is off: an unhealthy check is an answer, not an error of this service. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), PatroniModule, CacheModule, ClusterModule],
  controllers: [HealthController],
  providers: [HealthIndicators, EtcdClient, BackupClient],
})
export class HealthModule {}
