import { Module } from '@nestjs/common';
import { ConsistencyModule } from '../../../../libs/postgres-ha/src/consistency/consistency.module.js';
import { TransactionsModule } from '../../../../libs/postgres-ha/src/transactions/transactions.module.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';

@Module({
  imports: [ConsistencyModule, TransactionsModule],
  controllers: [OrdersController],
  providers: [OrdersService],
})
export class OrdersModule {}
