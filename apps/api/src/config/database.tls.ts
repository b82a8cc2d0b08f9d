import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DatabaseTls } from '../../../../libs/postgres-ha/src/index.js';
import { InvalidEnvironmentError, type Environment } from './environment.schema.js';

type TlsVariable = 'DB_TLS_CA' | 'DB_TLS_CERTIFICATE' | 'DB_TLS_KEY';
type TlsFiles = Pick<Environment, TlsVariable>;

/**
 * Reads and checks the files of `DB_TLS_…`, so that a wrong one stops the service at its start and not at its first connection.
 *
 * @throws InvalidEnvironmentError naming the variable and what is wrong; shows nothing of a key
 */
export function readDatabaseTls(files: TlsFiles, now = new Date()): DatabaseTls | undefined {
  const { DB_TLS_CA, DB_TLS_CERTIFICATE, DB_TLS_KEY } = files;
  if (DB_TLS_CA === undefined) {
    for (const name of ['DB_TLS_CERTIFICATE', 'DB_TLS_KEY'] as const) {
      if (files[name] !== undefined) refuse(name, 'needs DB_TLS_CA; without it connections would be plain text');
    }
    return undefined;
  }
  const ca = readPem('DB_TLS_CA', DB_TLS_CA);
  // During a change of authority the file holds the old one and the new one, and the old one may have run out.
  const authorities = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const expiries = authorities.map((pem) => validUntil('DB_TLS_CA', pem));
  if (expiries.length === 0) refuse('DB_TLS_CA', 'holds no certificate in PEM form');
  if (expiries.every((expiry) => expiry <= now)) refuse('DB_TLS_CA', `ran out on ${latest(expiries)}`);

  if (DB_TLS_CERTIFICATE === undefined && DB_TLS_KEY === undefined) return { ca };
  if (DB_TLS_CERTIFICATE === undefined) return refuse('DB_TLS_CERTIFICATE', 'is required beside DB_TLS_KEY');
  if (DB_TLS_KEY === undefined) return refuse('DB_TLS_KEY', 'is required beside DB_TLS_CERTIFICATE');
  const certificate = readPem('DB_TLS_CERTIFICATE', DB_TLS_CERTIFICATE);
  const expiry = validUntil('DB_TLS_CERTIFICATE', certificate);
  if (expiry <= now) refuse('DB_TLS_CERTIFICATE', `ran out on ${latest([expiry])}`);
  const key = readPem('DB_TLS_KEY', DB_TLS_KEY);
  if (!isKeyOf(certificate, key)) refuse('DB_TLS_KEY', 'is not the key of DB_TLS_CERTIFICATE');
  return { ca, client: { certificate, key } };
}

function refuse(name: TlsVariable, why: string): never {
  throw new InvalidEnvironmentError([`${name}: ${why}`]);
}

const latest = (expiries: readonly Date[]) => new Date(Math.max(...expiries.map(Number))).toISOString();

function readPem(name: TlsVariable, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(name, `the file cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function validUntil(name: TlsVariable, pem: string): Date {
  try {
    return new Date(new X509Certificate(pem).validTo);
  } catch {
    return refuse(name, 'holds no certificate in PEM form');
  }
}

function isKeyOf(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return refuse('DB_TLS_KEY', 'holds no key in PEM form that can be read without a passphrase');
  }
}
