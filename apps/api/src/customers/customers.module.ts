import { Module } from '@nestjs/common';
import { ConsistencyModule } from '../../../../libs/postgres-ha/src/consistency/consistency.module.js';
import { TransactionsModule } from '../../../../libs/postgres-ha/src/transactions/transactions.module.js';
import { CustomersController } from './customers.controller.js';
import { CustomersService } from './customers.service.js';

@Module({
  imports: [ConsistencyModule, TransactionsModule],
  controllers: [CustomersController],
  providers: [CustomersService],
})
export class CustomersModule {}
