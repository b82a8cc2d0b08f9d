import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { migrations } from '../../src/database/migrations/index.js';
import { SchemaMigrator } from '../../src/database/schema.migrator.js';
import { docker, containerOf, psql } from '../support/docker.js';
import { LabController } from '../support/lab.controller.js';
import { appEnvironment } from '../support/settings.js';

// Outside an app the migrator's log would go to the console.
Logger.overrideLogger(false);

const lab = new LabController();
const instances = 3;

const migrateAtOnce = (overrides: Record<string, string> = {}) =>
  Promise.all(Array.from({ length: instances }, () => new SchemaMigrator(appEnvironment(overrides)).run()));

describe('Migrations run by three instances at once', () => {
  const scratch = `test_migrations_${randomUUID().slice(0, 8)}`;
  let leader: string;

  beforeAll(async () => {
    leader = await lab.leader();
    await psql(leader, `CREATE DATABASE ${scratch}`, 'postgres');
    await psql(leader, 'ALTER SCHEMA public OWNER TO app_owner', scratch);
    // A connection asks the node who it is, with functions that the lab puts into app_db only.
    const copy = `pg_dump -U postgres --schema lab app_db | psql -U postgres -d ${scratch} -Xq -v ON_ERROR_STOP=1`;
    await docker(['exec', containerOf(leader), 'bash', '-c', copy]);
  });

  afterAll(() => psql(leader, `DROP DATABASE IF EXISTS ${scratch} WITH (FORCE)`, 'postgres'));

  it('are applied once each to an empty database', async () => {
    await migrateAtOnce({ DB_NAME: scratch });
    expect(await applied(scratch)).toEqual(migrations.map(({ name }) => name));
    expect(await psql(leader, "SELECT tableowner FROM pg_tables WHERE tablename = 'products'", scratch)).toEqual([
      'app_owner',
    ]);
  });

  it('change nothing in a database that is up to date', async () => {
    const before = await applied('app_db');
    await migrateAtOnce();
    expect(await applied('app_db')).toEqual(before);
    expect(before).toEqual(migrations.map(({ name }) => name));
  });

  it('leave no lock and no session behind', async () => {
    const sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'api-migrations'";
    expect(await psql(leader, `${sessions} AND datname = '${scratch}'`)).toEqual(['0']);
    expect(await psql(leader, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`, scratch)).toEqual(['0']);
  });

  const applied = (database: string) => psql(leader, 'SELECT name FROM schema_migrations ORDER BY id', database);
});

describe('An instance without the password of the owner', () => {
  it('migrates nothing and does not fail', async () => {
    await new SchemaMigrator(appEnvironment({ DB_OWNER_PASSWORD: '', DB_NAME: 'no_such_database' })).run();
  });
});
