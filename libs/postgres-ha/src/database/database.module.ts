import { Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { POSTGRES_HA_OPTIONS, type PostgresHaOptions } from '../options/postgres-ha.options.js';
import { dataSourceOptions, type DataSourceName } from './data-source.options.js';
import { DatabaseLifecycle } from './database.lifecycle.js';
import { MemberConnections } from './member.connections.js';
import { SqlLogger } from './sql.logger.js';

/** `manualInitialization`: Nest would otherwise await the connection, and a dead database would stop the boot. */
const dataSource = (name: DataSourceName) =>
  TypeOrmModule.forRootAsync({
    name,
    inject: [POSTGRES_HA_OPTIONS],
    useFactory: ({ database }: PostgresHaOptions): TypeOrmModuleOptions => ({
      ...dataSourceOptions(name, database),
      logger: new SqlLogger(name),
      autoLoadEntities: true,
      manualInitialization: true,
    }),
  });

/** HOW PostgreSQL is reached: the DataSources, their pools, the failure table. */
@Module({
  imports: [dataSource('write'), dataSource('read'), dataSource('watch')],
  providers: [DatabaseLifecycle, MemberConnections],
  exports: [DatabaseLifecycle, MemberConnections],
})
export class DatabaseModule {}
