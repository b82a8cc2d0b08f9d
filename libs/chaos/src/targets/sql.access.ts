import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import { endSoon } from '../load/sql.connection.js';
import { CannotRunError } from '../runs/cannot.run.error.js';
import type { Endpoint, Target } from './target.schema.js';

const connectTimeoutMs = 3_000;
const statementTimeoutMs = 30_000;

/** Where passwords and files come from. */
export interface AccessSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder of the target file, from which its paths count. */
  readonly folder: string;
}

/**
 * What the driver is told to reach an endpoint.
 *
 * @throws CannotRunError where the variable of its password is not set, or a file of its certificates cannot be read
 */
export function clientConfigOf(
  { host, port, user, database, tls, ...own }: Endpoint,
  { sql }: Pick<Target, 'sql'>,
  { environment, folder }: AccessSource,
): pg.ClientConfig {
  const variable = own.passwordFrom ?? sql.passwordFrom;
  const password = variable === undefined ? undefined : environment[variable];
  if (variable !== undefined && (password === undefined || password === ''))
    throw new CannotRunError(`the password of ${user} on ${host}:${port} comes from ${variable}, which is not set`);
  return {
    host,
    port,
    user,
    database,
    application_name: 'postgres-ha-judge',
    ...(password === undefined ? {} : { password }),
    ssl: tls !== undefined && tls.mode !== 'disable' && sslOf(tls, host, folder),
  };
}

function sslOf({ mode, ca, cert, key }: NonNullable<Endpoint['tls']>, host: string, folder: string) {
  const read = (path: string | undefined) => {
    if (path === undefined) return undefined;
    try {
      return readFileSync(resolve(folder, path), 'utf8');
    } catch (cause) {
      throw new CannotRunError(`${path}: ${(cause as Error).message}`, { cause });
    }
  };
  return {
    host,
    ca: read(ca),
    cert: read(cert),
    key: read(key),
    rejectUnauthorized: mode !== 'require',
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

/** Runs statements on a connection of their own, one after the other. @returns the rows of the last, as text */
export async function askSql(client: pg.ClientConfig, ...statements: readonly string[]): Promise<(string | null)[][]> {
  const connection = new pg.Client({
    ...client,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs,
    // As psql would print it: `t`, `f`, digits.
    types: { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig,
  });
  connection.on('error', () => undefined);
  await connection.connect();
  try {
    let rows: (string | null)[][] = [];
    for (const text of statements) ({ rows } = await connection.query({ text, rowMode: 'array' }));
    return rows;
  } finally {
    endSoon(connection);
  }
}

/** A line for each row, with `|` between columns, as `psql -XAqt` prints them. */
export const askLines = async (client: pg.ClientConfig, sql: string): Promise<string[]> =>
  (await askSql(client, sql)).map((row) => row.map((value) => value ?? '').join('|'));

/** @throws Error where nobody answers, or a replica does, which takes no writes */
export async function assertWritable(client: pg.ClientConfig): Promise<void> {
  const [recovering] = await askLines(client, 'SELECT pg_is_in_recovery()');
  if (recovering !== 'f') throw new Error('a replica answers there, which takes no writes');
}

/** Whether the server refuses what it was asked, and will again: missing rights, or things that are not there (class 42). */
export const isRefusal = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code?.startsWith('42') === true;
