import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource, MigrationExecutor } from 'typeorm';
import { ENVIRONMENT } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import { postgresHaSettings } from '../config/postgres-ha.settings.js';
import { leaderDataSourceOptions } from '../../../../libs/postgres-ha/src/typeorm/index.js';
import { migrations } from './index.js';

/** Number of the advisory lock of migrations; nothing else in the database uses it. */
const migrationLock = 7_305_611;
const lockTimeoutMs = 60_000;

/** Brings the schema up to date as its owner, on the leader. */
@Injectable()
export class SchemaMigrator {
  private readonly logger = new Logger(SchemaMigrator.name);

  constructor(@Inject(ENVIRONMENT) private readonly environment: Environment) {}

  /**
   * Runs the pending migrations, each in a transaction of its own. Safe when several instances start at once: a session
   * lock, held until the DataSource is destroyed, lets one instance at a time migrate, and the next one finds nothing pending.
   * Without the owner's password it does nothing.
   */
  async run(): Promise<void> {
    const { DB_OWNER_USER: username, DB_OWNER_PASSWORD: password } = this.environment;
    if (password === undefined) return;
    const { database } = postgresHaSettings(this.environment);
    const dataSource = new DataSource({
      ...leaderDataSourceOptions(database, { name: 'migrations', username, password, lockTimeoutMs }),
      migrations,
      migrationsTableName: 'schema_migrations',
    });
    await dataSource.initialize();
    try {
      await this.migrate(dataSource);
    } finally {
      await dataSource.destroy();
    }
  }

  private async migrate(dataSource: DataSource): Promise<void> {
    const queryRunner = dataSource.createQueryRunner();
    try {
      await queryRunner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
      const executor = new MigrationExecutor(dataSource, queryRunner);
      executor.transaction = 'each';
      const applied = await executor.executePendingMigrations();
      if (applied.length > 0) this.logger.log(`applied migrations: ${applied.map(({ name }) => name).join(', ')}`);
    } finally {
      await queryRunner.release();
    }
  }
}
