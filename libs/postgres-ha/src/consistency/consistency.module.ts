import { Module } from '@nestjs/common';
import { ENVIRONMENT } from '../../../../apps/api/src/config/config.module.js';
import type { Environment } from '../../../../apps/api/src/config/environment.schema.js';
import { DatabaseModule } from '../database/database.module.js';
import { PatroniModule } from '../../../../apps/api/src/patroni/patroni.module.js';
import { TokenCodec } from './consistency.token.js';
import { LeaderSampler } from './leader.sampler.js';
import { LineageService } from './lineage.service.js';
import { NodeReader } from './node.reader.js';
import { ReadFacade } from './read.facade.js';
import { RequestContext } from './request.context.js';

/** WHICH node may answer a read. README.md says what that guarantees. */
@Module({
  imports: [DatabaseModule, PatroniModule],
  providers: [
    ReadFacade,
    NodeReader,
    LeaderSampler,
    LineageService,
    RequestContext,
    {
      provide: TokenCodec,
      inject: [ENVIRONMENT],
      useFactory: (environment: Environment) =>
        new TokenCodec(environment.CONSISTENCY_TOKEN_SECRET, environment.CONSISTENCY_TOKEN_TTL_SECONDS),
    },
  ],
  exports: [ReadFacade, RequestContext, TokenCodec, LineageService, LeaderSampler],
})
export class ConsistencyModule {}
