import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { readTls, tlsOptions } from '../../../../libs/service-kit/src/tls.files.js';
import type { Environment } from '../config/environment.schema.js';

/**
 * Runs the files of DB_ADMIN_SQL on the leader, each in a transaction of its own, as a superuser: they make functions that tell ordinary
 * logins what only a superuser may see. Without DB_ADMIN_PASSWORD it does nothing.
 *
 * Not through the pools of the data layer, which ask every new connection by one of these functions.
 *
 * @returns the names of the files
 */
export async function installFunctions(environment: Environment): Promise<readonly string[]> {
  const { DB_ADMIN_PASSWORD: password, DB_ADMIN_SQL: folder, DB_WRITE_HOST: host } = environment;
  if (password === undefined || folder === undefined) return [];
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const tls = readTls('DB_TLS', environment);
  const client = new pg.Client({
    host,
    port: environment.DB_WRITE_PORT,
    database: environment.DB_NAME,
    user: environment.DB_ADMIN_USER,
    password,
    ssl: tls === undefined ? false : { ...tlsOptions(tls), host, rejectUnauthorized: true },
    application_name: 'api-functions',
    connectionTimeoutMillis: environment.DB_CONNECT_TIMEOUT_MS,
  });
  // A leader that goes away is told by the query that is under way.
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const name of files) await client.query(await readFile(join(folder, name), 'utf8'));
    return files;
  } finally {
    await client.end().catch(() => undefined);
  }
}
