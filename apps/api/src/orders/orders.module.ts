import { Module } from '@nestjs/common';
import { ConsistencyModule, TransactionsModule } from '../../../../libs/postgres-ha/src/index.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';

@Module({
  imports: [ConsistencyModule, TransactionsModule],
  controllers: [OrdersController],
  providers: [OrdersService],
})
export class OrdersModule {}
