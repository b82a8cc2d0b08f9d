import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readKeyPair, readTls } from './tls.files.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-files-'));
const file = (name: string) => join(folder, name);
const daysFromNow = (days: number) => new Date(Date.now() + days * 86_400_000);

/** NAME.crt, valid for `days`, and NAME.key. */
function makeCertificate(name: string, days: number): void {
  const subject = ['-subj', `/CN=${name}`, '-days', String(days)];
  const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files], { stdio: 'pipe' });
}

beforeAll(() => {
  makeCertificate('old', 1);
  makeCertificate('new', 30);
  const text = (name: string) => readFileSync(file(name), 'utf8');
  writeFileSync(file('both.crt'), text('old.crt') + text('new.crt'));
  writeFileSync(file('words'), 'no certificate');
});

afterAll(() => rmSync(folder, { recursive: true }));

const read = (ca?: string, certificate?: string, key?: string, now?: Date) => {
  const path = (name?: string) => (name === undefined ? undefined : file(name));
  const files = { DB_TLS_CA: path(ca), DB_TLS_CERTIFICATE: path(certificate), DB_TLS_KEY: path(key) };
  return readTls('DB_TLS', files, now);
};

describe('readTls', () => {
  it('asks for no encryption when nothing is set', () => {
    expect(read()).toBeUndefined();
  });

  it('reads the authority, and the certificate with its key', () => {
    expect(read('new.crt')).toEqual({ ca: readFileSync(file('new.crt'), 'utf8') });
    expect(read('new.crt', 'old.crt', 'old.key')).toMatchObject({
      client: { certificate: readFileSync(file('old.crt'), 'utf8'), key: readFileSync(file('old.key'), 'utf8') },
    });
  });

  it('accepts a file of two authorities until the last of them runs out', () => {
    expect(read('both.crt', undefined, undefined, daysFromNow(2))).toBeDefined();
    expect(() => read('both.crt', undefined, undefined, daysFromNow(31))).toThrow('DB_TLS_CA: ran out on');
  });

  it.each([
    // authority, certificate, key, days from now, reason
    ['a missing authority', undefined, 'new.crt', 'new.key', 0, 'DB_TLS_CERTIFICATE: needs DB_TLS_CA'],
    ['an authority that is not there', 'none', undefined, undefined, 0, 'DB_TLS_CA: the file cannot be read (ENOENT)'],
    ['an authority that is none', 'words', undefined, undefined, 0, 'DB_TLS_CA: holds no certificate'],
    ['an authority that ran out', 'old.crt', undefined, undefined, 2, 'DB_TLS_CA: ran out on'],
    ['a certificate without key', 'new.crt', 'new.crt', undefined, 0, 'DB_TLS_KEY: is required'],
    ['a key without certificate', 'new.crt', undefined, 'new.key', 0, 'DB_TLS_CERTIFICATE: is required'],
    ['a certificate that ran out', 'new.crt', 'old.crt', 'old.key', 2, 'DB_TLS_CERTIFICATE: ran out on'],
    ['the key of another certificate', 'new.crt', 'new.crt', 'old.key', 0, 'DB_TLS_KEY: is not the key of'],
    ['a key that is none', 'new.crt', 'new.crt', 'words', 0, 'DB_TLS_KEY: holds no key'],
  ] as const)('refuses %s', (_, ca, certificate, key, days, reason) => {
    expect(() => read(ca, certificate, key, daysFromNow(days))).toThrow(reason);
  });
});

describe('readKeyPair', () => {
  it('reads a certificate with its key, without an authority', () => {
    const files = { HTTP_TLS_CERTIFICATE: file('new.crt'), HTTP_TLS_KEY: file('new.key') };
    expect(readKeyPair('HTTP_TLS', files)).toEqual({
      certificate: readFileSync(file('new.crt'), 'utf8'),
      key: readFileSync(file('new.key'), 'utf8'),
    });
  });

  it('is nothing where nothing is set', () => {
    expect(readKeyPair('HTTP_TLS', {})).toBeUndefined();
  });
});
