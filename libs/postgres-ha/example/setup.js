// Once, as the superuser on the primary: the database, its login, and what postgres-ha needs in it.
import pg from 'pg';
import { installStatements } from 'postgres-ha';

const { DATABASE_URL = '', DATABASE_PASSWORD = '' } = process.env;

async function run(database, statements) {
  const url = new URL(DATABASE_URL);
  url.pathname = database;
  const client = new pg.Client(url.href);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

await run('postgres', [
  'CREATE DATABASE app',
  `CREATE ROLE app_user LOGIN PASSWORD ${pg.escapeLiteral(DATABASE_PASSWORD)}`,
]);
await run('app', [
  ...installStatements({ grantTo: ['app_user'] }),
  'CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)',
  'GRANT SELECT, INSERT ON notes TO app_user',
]);
