import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { containerOf, docker, psql } from '../../../../libs/chaos/test/support/docker.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

/** A database of the lab's cluster with the lab's roles and functions and no tables: what a test counts there is its own. */
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
    // As in patroni/roles.sql, which does it for app_db.
    const defaults = 'ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public GRANT';
    await this.sql(`${defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_user`);
    await this.sql(`${defaults} USAGE, SELECT ON SEQUENCES TO app_user`);
    // A connection asks the node who it is, with functions that the lab puts into app_db only.
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

/** One for all tests of a file. Before `useApp`, so that it is there when the service starts. */
export function useScratchDatabase(what: string): ScratchDatabase {
  const database = new ScratchDatabase(what);
  beforeAll(() => database.create());
  afterAll(() => database.drop());
  return database;
}
