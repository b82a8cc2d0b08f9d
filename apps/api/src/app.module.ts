import { Module, type DynamicModule } from '@nestjs/common';
import { AlbumsModule } from './albums/albums.module.js';
import { CacheModule } from './cache/cache.module.js';
import { ClusterModule } from './cluster/cluster.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Environment } from './config/environment.schema.js';
import { ConsistencyModule } from '../../../libs/postgres-ha/src/consistency/consistency.module.js';
import { CustomersModule } from './customers/customers.module.js';
import { DatabaseModule } from '../../../libs/postgres-ha/src/database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { PatroniModule } from './patroni/patroni.module.js';
import { ProductsModule } from './products/products.module.js';
import { TransactionsModule } from '../../../libs/postgres-ha/src/transactions/transactions.module.js';

/** The architecture of the service, in one list. */
@Module({})
export class AppModule {
  static register(environment: Environment): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(environment),
        ObservabilityModule,
        DatabaseModule,
        PatroniModule,
        ConsistencyModule,
        TransactionsModule,
        CacheModule,
        HealthModule,
        ClusterModule,
        ProductsModule,
        CustomersModule,
        OrdersModule,
        AlbumsModule,
      ],
    };
  }
}
