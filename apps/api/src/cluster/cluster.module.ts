import { Module } from '@nestjs/common';
import { PatroniModule } from '../patroni/patroni.module.js';
import { ClusterController } from './cluster.controller.js';
import { ClusterService } from './cluster.service.js';
import { Topology } from './topology.js';

/** Topology, replication and history of the cluster over HTTP. */
@Module({
  imports: [PatroniModule],
  controllers: [ClusterController],
  providers: [ClusterService, Topology],
  exports: [Topology],
})
export class ClusterModule {}
