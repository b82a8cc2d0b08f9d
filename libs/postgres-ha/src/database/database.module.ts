import { Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { ENVIRONMENT } from '../../../../apps/api/src/config/config.module.js';
import type { Environment } from '../../../../apps/api/src/config/environment.schema.js';
import { dataSourceOptions, type DataSourceName } from './data-source.options.js';
import { DatabaseLifecycle } from './database.lifecycle.js';
import { MemberConnections } from './member.connections.js';
import { SchemaMigrator } from '../../../../apps/api/src/migrations/schema.migrator.js';
import { SqlLogger } from './sql.logger.js';

/** `manualInitialization`: Nest would otherwise await the connection, and a dead database would stop the boot. */
const dataSource = (name: DataSourceName) =>
  TypeOrmModule.forRootAsync({
    name,
    inject: [ENVIRONMENT],
    useFactory: (environment: Environment): TypeOrmModuleOptions => ({
      ...dataSourceOptions(name, environment),
      logger: new SqlLogger(name),
      autoLoadEntities: true,
      manualInitialization: true,
    }),
  });

/** HOW PostgreSQL is reached: the DataSources, their pools, the failure table, migrations. */
@Module({
  imports: [dataSource('write'), dataSource('read'), dataSource('watch')],
  providers: [DatabaseLifecycle, MemberConnections, SchemaMigrator],
  exports: [DatabaseLifecycle, MemberConnections],
})
export class DatabaseModule {}
