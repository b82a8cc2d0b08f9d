import { Module } from '@nestjs/common';
import { ConsistencyModule, TransactionsModule } from '../../../../libs/postgres-ha/src/index.js';
import { CustomersController } from './customers.controller.js';
import { CustomersService } from './customers.service.js';

@Module({
  imports: [ConsistencyModule, TransactionsModule],
  controllers: [CustomersController],
  providers: [CustomersService],
})
export class CustomersModule {}
