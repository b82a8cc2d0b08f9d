import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata } from '@nestjs/common';
import { ConsistencyModule } from './consistency/consistency.module.js';
import { DatabaseModule } from './database/database.module.js';
import { POSTGRES_HA_OPTIONS, type PostgresHaOptions } from './options/postgres-ha.options.js';
import { TransactionsModule } from './transactions/transactions.module.js';

/** How the application makes the options; what its factory injects comes from global modules or from `imports`. */
export type PostgresHaAsyncOptions = Pick<ModuleMetadata, 'imports'> &
  Pick<FactoryProvider<PostgresHaOptions>, 'inject' | 'useFactory'>;

/** The whole data layer. Once, in the root module; features then import {@link ConsistencyModule} and {@link TransactionsModule}. */
@Module({})
export class PostgresHaModule {
  static forRootAsync({ imports = [], inject = [], useFactory }: PostgresHaAsyncOptions): DynamicModule {
    return {
      module: PostgresHaModule,
      global: true,
      imports: [...imports, DatabaseModule, ConsistencyModule, TransactionsModule],
      providers: [{ provide: POSTGRES_HA_OPTIONS, inject, useFactory }],
      exports: [POSTGRES_HA_OPTIONS],
    };
  }
}
