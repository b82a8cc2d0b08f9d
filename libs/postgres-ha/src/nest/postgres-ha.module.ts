import {
  Inject,
  Logger,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { TokenCodec } from '../consistency/consistency.token.js';
import { LeaderSampler } from '../consistency/leader.sampler.js';
import { LineageService } from '../consistency/lineage.service.js';
import { DatabaseLifecycle } from '../database/database.lifecycle.js';
import { MemberConnections } from '../database/member.connections.js';
import type { PoolName } from '../database/pool.options.js';
import type { PostgresHaOptions } from '../options/postgres-ha.options.js';
import { PostgresHa } from '../postgres-ha.js';
import { IdempotencyPruner } from '../transactions/idempotency.pruner.js';
import { dataSourceOptions, type DataSourceName } from '../typeorm/data-source.options.js';
import { DataSourcePair } from '../typeorm/data-source.pair.js';
import { PostgresHaHealth } from './health.indicators.js';
import { IdempotencyContext } from './idempotency.context.js';
import { ReadFacade } from './read.facade.js';
import { RequestContext } from './request.context.js';
import { WriteFacade } from './write.facade.js';

/** Injection token of {@link PostgresHaOptions}. */
export const POSTGRES_HA_OPTIONS = Symbol('POSTGRES_HA_OPTIONS');

const poolToken = (name: PoolName): string => `postgres-ha pool ${name}`;

/** Injects a pool, for looking at the cluster: `withClient(pool, …)`. */
export const InjectPool = (name: PoolName): ParameterDecorator => Inject(poolToken(name)) as ParameterDecorator;

/** How the application makes the options; what its factory injects comes from global modules or from `imports`. */
export type PostgresHaAsyncOptions = Pick<ModuleMetadata, 'imports'> &
  Pick<FactoryProvider<PostgresHaOptions>, 'inject' | 'useFactory'>;

/** `manualInitialization`: Nest would otherwise await the connection, and a dead database would stop the boot. */
const dataSource = (name: DataSourceName) =>
  TypeOrmModule.forRootAsync({
    name,
    inject: [PostgresHa],
    useFactory: (ha: PostgresHa): TypeOrmModuleOptions => ({
      ...dataSourceOptions(ha, name),
      autoLoadEntities: true,
      manualInitialization: true,
    }),
  });

/** A part of {@link PostgresHa} as a provider of its own. */
const part = <T>(provide: abstract new (...parts: never[]) => T, of: (ha: PostgresHa) => T): Provider => ({
  provide,
  inject: [PostgresHa],
  useFactory: of,
});

const parts: Provider[] = [
  part(TokenCodec, ({ tokens }) => tokens),
  part(LineageService, ({ lineage }) => lineage),
  part(LeaderSampler, ({ sampler }) => sampler),
  part(MemberConnections, ({ members }) => members),
  part(IdempotencyPruner, ({ pruner }) => pruner),
  part(DatabaseLifecycle, ({ lifecycle }) => lifecycle),
  ...(['write', 'read', 'watch'] as const).map((name) => ({
    provide: poolToken(name),
    inject: [PostgresHa],
    useFactory: ({ pools }: PostgresHa) => pools[name],
  })),
];

/**
 * The whole data layer, once, in the root module. Its providers are global: `ReadFacade`, `WriteFacade`, `PostgresHa` and its parts, and
 * the DataSources `write` and `read`, whose entities are those of `TypeOrmModule.forFeature([…], 'write')` and `'read'`.
 *
 * Connects when the application starts, and serves what it can meanwhile. `enableShutdownHooks()` lets it drain and close.
 */
@Module({})
export class PostgresHaModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly ha: PostgresHa,
    private readonly dataSources: DataSourcePair,
  ) {}

  /** With options that are known when the module is written. */
  static forRoot(options: PostgresHaOptions): DynamicModule {
    return PostgresHaModule.forRootAsync({ useFactory: () => options });
  }

  /** With options that a factory makes. Without a `logger` among them, log lines go to Nest's `Logger`. */
  static forRootAsync({ imports = [], inject = [], useFactory }: PostgresHaAsyncOptions): DynamicModule {
    const providers: Provider[] = [
      { provide: POSTGRES_HA_OPTIONS, inject, useFactory },
      {
        provide: PostgresHa,
        inject: [POSTGRES_HA_OPTIONS],
        useFactory: (options: PostgresHaOptions) =>
          new PostgresHa({ ...options, logger: options.logger ?? new Logger(PostgresHa.name) }),
      },
      {
        provide: DataSourcePair,
        inject: [PostgresHa, getDataSourceToken('write'), getDataSourceToken('read')],
        useFactory: (ha: PostgresHa, writer: DataSource, reader: DataSource) => new DataSourcePair(ha, writer, reader),
      },
      ...parts,
      RequestContext,
      IdempotencyContext,
      ReadFacade,
      WriteFacade,
      PostgresHaHealth,
    ];
    return {
      module: PostgresHaModule,
      global: true,
      imports: [...imports, dataSource('write'), dataSource('read')],
      providers,
      exports: providers,
    };
  }

  /** Begins to connect, in the background. */
  onApplicationBootstrap(): void {
    this.ha.start();
    this.dataSources.start();
  }

  /** The service says that it is not ready, and goes on serving for `drainMs`. */
  beforeApplicationShutdown(): Promise<void> {
    return this.ha.drain();
  }

  /** Called after the HTTP server has waited for the requests in flight. */
  onApplicationShutdown(): Promise<void> {
    return this.ha.stop();
  }
}
