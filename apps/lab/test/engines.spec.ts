import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { subset } from 'semver';

interface Manifest {
  version: string;
  engines?: { node?: string };
}
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const promised = (read('package.json') as Manifest).engines?.node ?? '';
const { packages } = read('package-lock.json') as { packages: Record<string, Manifest> };

describe('the engines of package.json', () => {
  it('allow no version of Node that a locked package refuses, so that npm prints no warning', () => {
    const refusing = Object.entries(packages).flatMap(([path, { version, engines }]) =>
      path === '' || subset(promised, engines?.node ?? '*') ? [] : [`${path} ${version} wants ${engines?.node}`],
    );

    expect(promised).not.toBe('');
    expect(refusing).toEqual([]);
  });
});
