import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { containerOf, docker, psql } from '../../../../libs/chaos/test/support/docker.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

/** A database in the lab's cluster with the lab's roles and functions and no tables. Only the test that made it uses it. */
export class ScratchDatabase {
  readonly name: string;
  private leader = '';

  constructor(what: string) {
    this.name = `test_${what}_${randomUUID().slice(0, 8)}`;
  }

  async create(): Promise<void> {
    this.leader = await openLab().leader();
    await psql(this.leader, `CREATE DATABASE ${this.name}`, 'postgres');
    await this.sql('ALTER SCHEMA public OWNER TO app_owner');
    // patroni/roles.sql does the same for app_db.
    const defaults = 'ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public GRANT';
    await this.sql(`${defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_user`);
    await this.sql(`${defaults} USAGE, SELECT ON SEQUENCES TO app_user`);
    // A connection asks the node for its name, by functions that the lab creates in app_db only.
    const copy = `pg_dump -U postgres --schema lab app_db | psql -U postgres -d ${this.name} -Xq -v ON_ERROR_STOP=1`;
    await docker(['exec', containerOf(this.leader), 'bash', '-c', copy]);
  }

  /** Runs SQL as the superuser on the leader. */
  sql(sql: string): Promise<string[]> {
    return psql(this.leader, sql, this.name);
  }

  async drop(): Promise<void> {
    await psql(this.leader, `DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`, 'postgres');
  }
}

/** A database for all tests of a file. Call it before `useApp`, so that the database is there when the service starts. */
export function useScratchDatabase(what: string): ScratchDatabase {
  const database = new ScratchDatabase(what);
  beforeAll(() => database.create());
  afterAll(() => database.drop());
  return database;
}
