import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { InvalidEnvironmentError } from './environment.parser.js';

/** A certificate with its key, as PEM texts. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What a connection needs to be encrypted, as PEM texts: whom it trusts, and what it shows to a server that asks. */
export interface Tls {
  readonly ca: string;
  readonly client?: KeyPair;
}

/** Variables by name. Those that are read here hold paths of files. */
type Variables = Readonly<Record<string, unknown>>;

/**
 * Reads and checks the files of `PREFIX_CA`, `PREFIX_CERTIFICATE` and `PREFIX_KEY`, so that a wrong one stops a service at its start and
 * not at its first connection.
 *
 * @returns undefined where none of the three is set
 * @throws InvalidEnvironmentError naming the variable and what is wrong; shows nothing of a key
 */
export function readTls(prefix: string, variables: Variables, now = new Date()): Tls | undefined {
  const name = `${prefix}_CA`;
  const path = pathIn(variables, name);
  if (path === undefined) {
    for (const other of [`${prefix}_CERTIFICATE`, `${prefix}_KEY`]) {
      if (pathIn(variables, other) !== undefined)
        refuse(other, `needs ${name}; without it connections would be plain text`);
    }
    return undefined;
  }
  const ca = readPem(name, path);
  // During a change of authority the file holds the old one and the new one, and the old one may have run out.
  const authorities = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const expiries = authorities.map((pem) => validUntil(name, pem));
  if (expiries.length === 0) refuse(name, 'holds no certificate in PEM form');
  if (expiries.every((expiry) => expiry <= now)) refuse(name, `ran out on ${latest(expiries)}`);
  const client = readKeyPair(prefix, variables, now);
  return client === undefined ? { ca } : { ca, client };
}

/**
 * Reads and checks the files of `PREFIX_CERTIFICATE` and `PREFIX_KEY`.
 *
 * @returns undefined where neither is set
 * @throws InvalidEnvironmentError as {@link readTls} does
 */
export function readKeyPair(prefix: string, variables: Variables, now = new Date()): KeyPair | undefined {
  const [certificateName, keyName] = [`${prefix}_CERTIFICATE`, `${prefix}_KEY`];
  const [certificatePath, keyPath] = [pathIn(variables, certificateName), pathIn(variables, keyName)];
  if (certificatePath === undefined && keyPath === undefined) return undefined;
  if (certificatePath === undefined) return refuse(certificateName, `is required beside ${keyName}`);
  if (keyPath === undefined) return refuse(keyName, `is required beside ${certificateName}`);
  const certificate = readPem(certificateName, certificatePath);
  const expiry = validUntil(certificateName, certificate);
  if (expiry <= now) refuse(certificateName, `ran out on ${latest([expiry])}`);
  const key = readPem(keyName, keyPath);
  if (!isKeyOf(certificate, key, keyName)) refuse(keyName, `is not the key of ${certificateName}`);
  return { certificate, key };
}

/** What `tls.connect` takes. */
export const tlsOptions = ({ ca, client }: Tls) => ({
  ca,
  ...(client && { cert: client.certificate, key: client.key }),
});

/** The part of an axios configuration that verifies servers against `tls`; without it, against the authorities of the system. */
export const httpsAgent = (tls: Tls | null): { httpsAgent?: Agent } =>
  tls === null ? {} : { httpsAgent: new Agent(tlsOptions(tls)) };

function pathIn(variables: Variables, name: string): string | undefined {
  const value = variables[name];
  return typeof value === 'string' ? value : undefined;
}

function refuse(name: string, why: string): never {
  throw new InvalidEnvironmentError([`${name}: ${why}`]);
}

const latest = (expiries: readonly Date[]) => new Date(Math.max(...expiries.map(Number))).toISOString();

function readPem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(name, `the file cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function validUntil(name: string, pem: string): Date {
  try {
    return new Date(new X509Certificate(pem).validTo);
  } catch {
    return refuse(name, 'holds no certificate in PEM form');
  }
}

function isKeyOf(certificate: string, key: string, keyName: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return refuse(keyName, 'holds no key in PEM form that can be read without a passphrase');
  }
}
