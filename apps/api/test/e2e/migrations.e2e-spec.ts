import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { migrations } from '../../src/migrations/index.js';
import { SchemaMigrator } from '../../src/migrations/schema.migrator.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { useScratchDatabase } from '../support/scratch.database.js';
import { appEnvironment } from '../support/environment.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

// Outside an app the migrator's log would go to the console.
Logger.overrideLogger(false);

const lab = openLab();
const instances = 3;

const migrateAtOnce = (overrides: Record<string, string> = {}) =>
  Promise.all(Array.from({ length: instances }, () => new SchemaMigrator(appEnvironment(overrides)).run()));

describe('Migrations run by three instances at once', () => {
  const scratch = useScratchDatabase('migrations');
  let leader: string;

  beforeAll(async () => {
    leader = await lab.leader();
  });

  it('are applied once each to an empty database', async () => {
    await migrateAtOnce({ DB_NAME: scratch.name });
    expect(await applied(scratch.name)).toEqual(migrations.map(({ name }) => name));
    const owners = await scratch.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'products'");
    expect(owners).toEqual(['app_owner']);
  });

  it('change nothing in a database that is up to date', async () => {
    const before = await applied('app_db');
    await migrateAtOnce();
    expect(await applied('app_db')).toEqual(before);
    expect(before).toEqual(migrations.map(({ name }) => name));
  });

  it('leave no lock and no session behind', async () => {
    const sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'api-migrations'";
    expect(await psql(leader, `${sessions} AND datname = '${scratch.name}'`)).toEqual(['0']);
    // pg_locks shows the locks of all databases, and writes of the service lock their keys in app_db.
    const locks = `SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database
      WHERE locktype = 'advisory' AND d.datname = current_database()`;
    expect(await scratch.sql(locks)).toEqual(['0']);
  });

  const applied = (database: string) => psql(leader, 'SELECT name FROM schema_migrations ORDER BY id', database);
});

describe('An instance without the password of the owner', () => {
  const scratch = useScratchDatabase('migrations_by_others');
  const instance = () => new SchemaMigrator(appEnvironment({ DB_OWNER_PASSWORD: '', DB_NAME: scratch.name })).run();

  it('is not ready before somebody else has migrated, and migrates nothing itself', async () => {
    await expect(instance()).rejects.toMatchObject({
      code: 'SCHEMA_NOT_CURRENT',
      message: expect.stringContaining('CreateProducts'),
    });
    expect(await scratch.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).toEqual(['0']);
    await new SchemaMigrator(appEnvironment({ DB_NAME: scratch.name })).run();
    await instance();
  });
});
