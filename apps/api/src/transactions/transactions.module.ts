import { Module } from '@nestjs/common';
import { ConsistencyModule } from '../consistency/consistency.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { WriteFacade } from './write.facade.js';

/** HOW a write is run on the leader. */
@Module({
  imports: [DatabaseModule, ConsistencyModule],
  providers: [WriteFacade],
  exports: [WriteFacade],
})
export class TransactionsModule {}
