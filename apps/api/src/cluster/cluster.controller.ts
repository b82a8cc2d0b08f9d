import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { clusterDtoSchema, historyDtoSchema, replicationDtoSchema } from './cluster.schema.js';
import { ClusterService } from './cluster.service.js';

@ApiTags('cluster')
@Controller('cluster')
export class ClusterController {
  constructor(private readonly service: ClusterService) {}

  @Get()
  @ApiOperation({ summary: 'The members as Patroni knows them, or as PostgreSQL does where there is no Patroni.' })
  @ApiOkResponse({ standardSchema: clusterDtoSchema })
  cluster() {
    return this.service.cluster();
  }

  @Get('replication')
  @ApiOperation({
    summary: 'Each standby as the leader sees it and as it sees itself, slots, and whom a commit waits for.',
  })
  @ApiOkResponse({ standardSchema: replicationDtoSchema })
  replication() {
    return this.service.replication();
  }

  @Get('history')
  @ApiOperation({ summary: 'Where and why each past timeline ended.' })
  @ApiOkResponse({ standardSchema: historyDtoSchema })
  history() {
    return this.service.history();
  }
}
