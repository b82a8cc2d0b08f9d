import { Module } from '@nestjs/common';
import { ConsistencyModule } from '../consistency/consistency.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { IdempotencyContext } from './idempotency.context.js';
import { IdempotencyPruner } from './idempotency.pruner.js';
import { WriteAttempt } from './write.attempt.js';
import { WriteFacade } from './write.facade.js';

/** HOW a write survives a failover. README.md says what that guarantees. */
@Module({
  imports: [DatabaseModule, ConsistencyModule],
  providers: [WriteFacade, WriteAttempt, IdempotencyContext, IdempotencyPruner],
  exports: [WriteFacade, IdempotencyContext],
})
export class TransactionsModule {}
