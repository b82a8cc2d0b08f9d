import { Module } from '@nestjs/common';
import { POSTGRES_HA_OPTIONS, type PostgresHaOptions } from '../options/postgres-ha.options.js';
import { DatabaseModule } from '../database/database.module.js';
import { TokenCodec } from './consistency.token.js';
import { LeaderSampler } from './leader.sampler.js';
import { LineageService } from './lineage.service.js';
import { NodeReader } from './node.reader.js';
import { ReadFacade } from './read.facade.js';
import { RequestContext } from './request.context.js';

/** WHICH node may answer a read. README.md says what that guarantees. */
@Module({
  imports: [DatabaseModule],
  providers: [
    ReadFacade,
    NodeReader,
    LeaderSampler,
    LineageService,
    RequestContext,
    {
      provide: TokenCodec,
      inject: [POSTGRES_HA_OPTIONS],
      useFactory: ({ consistency }: PostgresHaOptions) =>
        new TokenCodec(consistency.tokenSecret, consistency.tokenLifetimeSeconds),
    },
  ],
  exports: [ReadFacade, RequestContext, TokenCodec, LineageService, LeaderSampler],
})
export class ConsistencyModule {}
