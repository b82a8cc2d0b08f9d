import { getDataSourceToken } from '@nestjs/typeorm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { useApp } from '../support/app.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

const app = useApp();
const insufficientPrivilege = { driverError: { code: '42501' } };

describe("The service's login", () => {
  let write: DataSource;

  beforeAll(() => {
    write = app().nest.get<DataSource>(getDataSourceToken('write'));
  });

  it('is app_user, which is no superuser and may create no role, no database and no replication', async () => {
    const [role] = await write.query<object[]>(`
      SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
      FROM pg_roles WHERE rolname = current_user`);
    expect(role).toEqual({
      rolname: 'app_user',
      rolsuper: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      rolbypassrls: false,
    });
  });

  it('is a member of no other role', async () => {
    const rows = await write.query<object[]>(`
      SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'app_user'::regrole`);
    expect(rows).toEqual([]);
  });

  it.each([
    'CREATE TABLE stolen (id int)',
    'CREATE SCHEMA stolen',
    'CREATE TEMPORARY TABLE stolen (id int)',
    'ALTER TABLE products ADD COLUMN stolen int',
    'DROP TABLE products',
    'TRUNCATE products',
    'CREATE INDEX stolen ON products (name)',
    "COPY products TO PROGRAM 'true'",
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
    'SET ROLE app_owner',
    "ALTER SYSTEM SET synchronous_commit = 'off'",
  ])('may not: %s', async (sql) => {
    await expect(write.query(sql)).rejects.toMatchObject(insufficientPrivilege);
  });

  it('may do with rows what the service needs', async () => {
    const [privileges] = await write.query<object[]>(`
      SELECT has_table_privilege('products', 'SELECT, INSERT, UPDATE, DELETE') AS rows,
             has_table_privilege('products', 'TRUNCATE, REFERENCES, TRIGGER') AS more`);
    expect(privileges).toEqual({ rows: true, more: false });
  });
});

describe('The tables', () => {
  it('all belong to app_owner', async () => {
    const leader = await openLab().leader();
    const owners = await psql(leader, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'");
    expect(owners).toEqual(['app_owner']);
  });

  it('belong to a role that is no superuser either', async () => {
    const leader = await openLab().leader();
    const rows = await psql(
      leader,
      "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = 'app_owner'",
    );
    expect(rows).toEqual(['f|f|f|f']);
  });
});
