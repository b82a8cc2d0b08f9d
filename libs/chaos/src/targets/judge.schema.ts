import type pg from 'pg';
import type { SqlDialect } from '../load/sql.client.js';
import type { StateQueries } from '../load/state.reader.js';
import { askSql } from './sql.access.js';

/** The one schema that the judge works in. */
export const schemaName = 'postgres_ha_judge';
const maker = 'postgres-ha-judge';
/** The token of a schema that an owner has prepared: the judge leaves it there. */
const prepared = 'prepared';

const tables: Pick<SqlDialect, 'uniqueTable' | 'sharedTable'> = {
  uniqueTable: `${schemaName}.unique_rows`,
  sharedTable: `${schemaName}.shared_rows`,
};

const statements = (token: string): string[] => [
  `CREATE SCHEMA ${schemaName}`,
  // Names the schema as the judge's own, and the run that made it.
  `CREATE TABLE ${schemaName}.marker (made_by text NOT NULL, token text NOT NULL, made_at timestamptz NOT NULL DEFAULT now())`,
  `INSERT INTO ${schemaName}.marker (made_by, token) VALUES ('${maker}', '${token}')`,
  // No key is excluded from being there twice: rows that are would be found.
  `CREATE TABLE ${tables.uniqueTable} (key text NOT NULL)`,
  `CREATE INDEX ON ${tables.uniqueTable} (key)`,
  `CREATE TABLE ${tables.sharedTable} (key text PRIMARY KEY, value bigint NOT NULL)`,
];

/**
 * SQL with which an owner prepares the schema for a login that may create none.
 *
 * @param login the login of the judge
 */
export const preparingSql = (login: string): string =>
  [
    ...statements(prepared),
    `GRANT USAGE ON SCHEMA ${schemaName} TO ${quoted(login)}`,
    `GRANT SELECT ON ${schemaName}.marker TO ${quoted(login)}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables.uniqueTable}, ${tables.sharedTable} TO ${quoted(login)}`,
  ]
    .map((statement) => `${statement};\n`)
    .join('');

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What the database says of the schema. */
export interface FoundSchema {
  readonly exists: boolean;
  /** Whether the login may create a schema. */
  readonly mayCreate: boolean;
  /** The marker, where there is one that can be read. */
  readonly marker?: { readonly madeBy: string; readonly token: string; readonly madeAt: string } | undefined;
}

/** What to do about the schema: make it, use the one that an owner has prepared, or refuse. */
export type SchemaFate =
  { readonly do: 'create' } | { readonly do: 'use' } | { readonly do: 'refuse'; readonly why: string };

const look = `look at it: psql -c '\\d ${schemaName}.*'`;

/** Decides what to do about the schema. A schema that is not certainly the judge's own is never touched. */
export function schemaFate({ exists, mayCreate, marker }: FoundSchema): SchemaFate {
  if (!exists) {
    if (mayCreate) return { do: 'create' };
    return {
      do: 'refuse',
      why: `this login may create no schema: GRANT CREATE ON DATABASE, or let an owner prepare it: ${maker} target sql | psql`,
    };
  }
  if (marker?.madeBy !== maker)
    return { do: 'refuse', why: `there is a schema ${schemaName} that this program has not made; ${look}` };
  if (marker.token === prepared) return { do: 'use' };
  return {
    do: 'refuse',
    why: `another run uses the schema ${schemaName}, or has left it behind (since ${marker.madeAt}). If none is at work, on no machine: DROP SCHEMA ${schemaName} CASCADE. First ${look}`,
  };
}

/** Looks for the schema. */
export async function findSchema(leader: pg.ClientConfig): Promise<FoundSchema> {
  const [[exists, mayCreate] = []] = await askSql(
    leader,
    `SELECT to_regnamespace('${schemaName}') IS NOT NULL, has_database_privilege(current_database(), 'CREATE')`,
  );
  const marker = exists === 't' ? await readMarker(leader) : undefined;
  return { exists: exists === 't', mayCreate: mayCreate === 't', marker };
}

async function readMarker(leader: pg.ClientConfig): Promise<FoundSchema['marker']> {
  try {
    const [row] = await askSql(leader, `SELECT made_by, token, made_at FROM ${schemaName}.marker`);
    return row && { madeBy: row[0] ?? '', token: row[1] ?? '', madeAt: row[2] ?? '' };
  } catch (error) {
    if (meansNoMarker(error)) return undefined;
    throw error;
  }
}

/** No such table, column or schema, and no right to read it: then the schema is not ours. */
const codesOfNoMarker: readonly unknown[] = ['42P01', '42703', '3F000', '42501'];

/** Whether an error says that there is no marker that can be read. Any other says nothing about the schema: it may be ours. */
export const meansNoMarker = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && codesOfNoMarker.includes(error.code);

/** Makes the schema. @throws Error when it is there by now */
export async function createSchema(leader: pg.ClientConfig, token: string): Promise<void> {
  await askSql(leader, 'BEGIN', ...statements(token), 'COMMIT');
}

/** Drops the schema that was made with this token; does nothing where there is none, or another one. */
export async function dropSchema(leader: pg.ClientConfig, token: string): Promise<void> {
  const { marker } = await findSchema(leader);
  if (marker?.madeBy === maker && marker.token === token) await askSql(leader, `DROP SCHEMA ${schemaName} CASCADE`);
}

/** Deletes the rows whose keys begin with a prefix. Does nothing where there is no schema any more. */
export async function deleteRows(leader: pg.ClientConfig, prefix: string): Promise<void> {
  const { exists } = await findSchema(leader);
  if (!exists) return;
  const where = `WHERE starts_with(key, '${prefix}')`;
  await askSql(leader, `DELETE FROM ${tables.uniqueTable} ${where}`, `DELETE FROM ${tables.sharedTable} ${where}`);
}

/** The tables of the judge, and what the servers tell of themselves. */
export const dialectOf = (tells: Pick<SqlDialect, 'timelineSql' | 'memberSql'>): SqlDialect => ({
  ...tables,
  ...tells,
});

/** How the rows of a run are read. */
export function queriesOf(prefix: string, { timelineSql }: Pick<SqlDialect, 'timelineSql'>): StateQueries {
  const where = `WHERE starts_with(key, '${prefix}')`;
  const timeline = timelineSql === undefined ? 'NULL' : `CASE WHEN NOT pg_is_in_recovery() THEN ${timelineSql} END`;
  return {
    memberSql: `SELECT pg_is_in_recovery(), ${timeline}`,
    uniqueSql: `SELECT key, count(*) FROM ${tables.uniqueTable} ${where} GROUP BY key`,
    sharedSql: `SELECT key, value FROM ${tables.sharedTable} ${where}`,
  };
}
