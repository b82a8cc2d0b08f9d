import { Module, type DynamicModule } from '@nestjs/common';
import { AlbumsModule } from './albums/albums.module.js';
import { CacheModule } from './cache/cache.module.js';
import { ClusterModule } from './cluster/cluster.module.js';
import { ConfigModule, ENVIRONMENT } from './config/config.module.js';
import type { Environment } from './config/environment.schema.js';
import { postgresHaSettings } from './config/postgres-ha.settings.js';
import type { PostgresHaOptions } from '../../../libs/postgres-ha/src/index.js';
import { PostgresHaModule } from '../../../libs/postgres-ha/src/nest/index.js';
import { CustomersModule } from './customers/customers.module.js';
import { HealthModule } from './health/health.module.js';
import { MigrationsModule } from './migrations/migrations.module.js';
import { SchemaMigrator } from './migrations/schema.migrator.js';
import { Metrics } from './observability/metrics.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { PatroniClient } from './patroni/patroni.client.js';
import { PatroniModule } from './patroni/patroni.module.js';
import { problemRefusals } from './problem-details/problem.refusals.js';
import { ProductsModule } from './products/products.module.js';

/** The architecture of the service, in one list. */
@Module({})
export class AppModule {
  static register(environment: Environment): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(environment),
        ObservabilityModule,
        PatroniModule,
        MigrationsModule,
        PostgresHaModule.forRootAsync({
          imports: [PatroniModule, MigrationsModule],
          inject: [ENVIRONMENT, Metrics, PatroniClient, SchemaMigrator],
          useFactory: dataLayerOptions,
        }),
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

function dataLayerOptions(
  environment: Environment,
  metrics: Metrics,
  patroni: PatroniClient,
  migrator: SchemaMigrator,
): PostgresHaOptions {
  return {
    ...postgresHaSettings(environment),
    metrics,
    migrate: () => migrator.run(),
    refusals: problemRefusals,
    // Without Patroni PostgreSQL itself is asked.
    ...(patroni.isConfigured && {
      timelines: {
        endedTimelines: async () =>
          (await patroni.history()).map(({ timeline, lsn }) => ({ timeline, lsn: BigInt(lsn) })),
      },
    }),
  };
}
