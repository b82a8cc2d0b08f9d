import { Module } from '@nestjs/common';
import { PatroniModule } from '../patroni/patroni.module.js';
import { ClusterController } from './cluster.controller.js';
import { ClusterService } from './cluster.service.js';

/** Topology, replication and history of the cluster over HTTP. */
@Module({
  imports: [PatroniModule],
  controllers: [ClusterController],
  providers: [ClusterService],
})
export class ClusterModule {}
