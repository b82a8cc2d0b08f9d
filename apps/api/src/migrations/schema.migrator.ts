import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { ENVIRONMENT } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import { postgresHaSettings } from '../config/postgres-ha.settings.js';
import { leaderDataSourceOptions } from '../../../../libs/postgres-ha/src/typeorm/index.js';
import { migrations } from './index.js';
import { privileges } from './privileges.js';

/** Number of the advisory lock of migrations; nothing else in the database uses it. */
const migrationLock = 7_305_611;
const lockTimeoutMs = 60_000;
const migrationsTable = 'schema_migrations';

/** Who connects, and what follows the service's name in `application_name`. */
type Login = Pick<Parameters<typeof leaderDataSourceOptions>[1], 'name' | 'username' | 'password'>;

/** Brings the schema up to date as its owner, on the leader, or waits for somebody else to do so. */
@Injectable()
export class SchemaMigrator {
  private readonly logger = new Logger(SchemaMigrator.name);

  constructor(@Inject(ENVIRONMENT) private readonly environment: Environment) {}

  /**
   * Runs the pending migrations, each in a transaction of its own. Safe when several instances start at once: a session
   * lock, held until the DataSource is destroyed, lets one instance at a time migrate, and the next one finds nothing pending.
   * Without the owner's password it only looks whether they have been run.
   *
   * @throws Error with code SCHEMA_NOT_CURRENT when they have not
   */
  async run(): Promise<void> {
    const { DB_OWNER_USER, DB_OWNER_PASSWORD, DB_USER, DB_PASSWORD } = this.environment;
    if (DB_OWNER_PASSWORD === undefined) {
      await this.connected({ name: 'schema', username: DB_USER, password: DB_PASSWORD }, refuseWhenPending);
    } else {
      const owner = { name: 'migrations', username: DB_OWNER_USER, password: DB_OWNER_PASSWORD };
      await this.connected(owner, (runner) => this.migrate(runner));
    }
  }

  /** Gives the login of the service its rights, as the owner of the database, then migrates. May be repeated. */
  async prepare(): Promise<void> {
    const { DB_NAME, DB_OWNER_USER, DB_OWNER_PASSWORD: password = '', DB_USER } = this.environment;
    await this.connected({ name: 'migrations', username: DB_OWNER_USER, password }, async (runner) => {
      for (const statement of privileges({ database: DB_NAME, owner: DB_OWNER_USER, user: DB_USER }))
        await runner.query(statement);
      await this.migrate(runner);
    });
  }

  private async connected(login: Login, work: (runner: QueryRunner) => Promise<void>) {
    const { database } = postgresHaSettings(this.environment);
    const dataSource = new DataSource({
      ...leaderDataSourceOptions(database, { ...login, lockTimeoutMs }),
      migrations,
      migrationsTableName: migrationsTable,
    });
    await dataSource.initialize();
    try {
      const runner = dataSource.createQueryRunner();
      try {
        await work(runner);
      } finally {
        await runner.release();
      }
    } finally {
      await dataSource.destroy();
    }
  }

  private async migrate(runner: QueryRunner): Promise<void> {
    await runner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    const executor = new MigrationExecutor(runner.dataSource, runner);
    executor.transaction = 'each';
    const applied = await executor.executePendingMigrations();
    if (applied.length > 0) this.logger.log(`applied migrations: ${applied.map(({ name }) => name).join(', ')}`);
  }
}

/** Not by TypeORM, which would make its table where it is missing. */
async function refuseWhenPending(runner: QueryRunner): Promise<void> {
  const [{ exists }] = (await runner.query(`SELECT to_regclass('${migrationsTable}') IS NOT NULL AS exists`)) as [
    { exists: boolean },
  ];
  const rows = exists ? ((await runner.query(`SELECT name FROM ${migrationsTable}`)) as { name: string }[]) : [];
  const applied = new Set(rows.map(({ name }) => name));
  const pending = migrations.filter(({ name }) => !applied.has(name));
  if (pending.length === 0) return;
  const names = pending.map(({ name }) => name).join(', ');
  throw Object.assign(new Error(`migrations are pending: ${names}`), { code: 'SCHEMA_NOT_CURRENT' });
}
