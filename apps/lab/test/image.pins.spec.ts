import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { gte } from 'semver';

const read = (file: string): string => readFileSync(file, 'utf8');
const pairs = (text: string, pattern: RegExp): Record<string, string> =>
  Object.fromEntries([...text.matchAll(pattern)].map(([, name = '', image = '']) => [name, image]));

/** The images by the name of their setting, as `docker compose up` takes them without `.env`. */
const pinned = pairs(read('docker-compose.yml'), /\$\{(PATRONI|ETCD|HAPROXY|REDIS|NODE)_IMAGE:-([^}]+)\}/g);

/** The version in a row of the table of images: "`image` | Patroni 4.1.0, …". */
function held(image: string, product: string): string | undefined {
  const row = read('infra/debian/README.md')
    .split('\n')
    .find((line) => line.startsWith(`| \`${image}\``));
  return row && new RegExp(`${product} ([0-9.]*[0-9])`).exec(row)?.[1];
}

/** etcd 3.5.28 asks for a login where Patroni before 4.1.1 sends none (patroni/patroni, pull request 3580). */
const goTogether = (etcd: string, patroni: string): boolean => !gte(etcd, '3.5.28') || gte(patroni, '4.1.1');

describe('the pinned images', () => {
  it('are the same in docker-compose.yml and .env.example', () => {
    expect(Object.keys(pinned).toSorted()).toEqual(['ETCD', 'HAPROXY', 'NODE', 'PATRONI', 'REDIS']);
    expect(pairs(read('.env.example'), /^#(PATRONI|ETCD|HAPROXY|REDIS|NODE)_IMAGE=(.+)$/gm)).toEqual(pinned);
    expect(/^ARG NODE_IMAGE=(.+)$/m.exec(read('apps/api/Dockerfile'))?.[1]).toBe(pinned['NODE']);
  });

  it('each have a row in the table of image contents, with the same versions', () => {
    const products = { PATRONI: 'Patroni', ETCD: 'etcd', HAPROXY: 'HAProxy', REDIS: 'Redis', NODE: 'Node' };

    for (const [name, product] of Object.entries(products)) {
      const version = held(pinned[name] ?? '', product);
      expect({ name, version }).toEqual({ name, version: expect.any(String) });
      // Only Spilo has a version that is not one of its programs.
      if (name !== 'PATRONI') expect(pinned[name]).toMatch(new RegExp(`:v?${version}(-|$)`));
    }
  });

  it.each([
    ['3.5.27', '4.1.0', true],
    ['3.5.28', '4.1.0', false],
    ['3.6.9', '4.1.0', false],
    ['3.5.28', '4.1.1', true],
  ])('etcd %s with Patroni %s goes: %s', (etcd, patroni, goes) => expect(goTogether(etcd, patroni)).toBe(goes));

  it('have an etcd that their Patroni can log in to', () => {
    const [etcd, patroni] = [held(pinned['ETCD'] ?? '', 'etcd'), held(pinned['PATRONI'] ?? '', 'Patroni')];

    expect({ etcd, patroni, goes: goTogether(etcd ?? '', patroni ?? '') }).toMatchObject({ goes: true });
  });

  it('run the same Node in both sets', () => {
    const [debian] = /^ARG NODE_VERSION=(\d+)/m.exec(read('infra/debian/Dockerfile'))?.slice(1) ?? [];

    expect(pinned['NODE']).toBe(`node:${debian}-slim`);
  });

  it('run the Node that a developer gets from .nvmrc and the dev container', () => {
    const developers = [
      /^(\d+)$/m.exec(read('.nvmrc')),
      /^ARG NODE_IMAGE=node:(\d+)-/m.exec(read('.devcontainer/Dockerfile')),
    ];

    for (const found of developers) expect(`node:${found?.[1]}-slim`).toBe(pinned['NODE']);
  });
});
