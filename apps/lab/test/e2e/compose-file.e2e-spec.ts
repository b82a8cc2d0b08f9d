import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, runCommand } from '../support/command.js';

interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly pull_policy?: string;
  readonly secrets?: readonly { readonly mode?: number | string }[];
  readonly sysctls?: unknown;
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks?: Readonly<Record<string, object | null>>;
}

/** What the oldest engine refuses of a network: all but these is younger than 20.10, or refused by some engine. */
const knownOfNetworks = new Set(['ipv4_address', 'aliases']);

const withEveryProfile = ['--profile', '*'];
const debian = ['-f', 'docker-compose.yml', '-f', 'infra/debian/compose.yml'];

/** What Compose makes of the files; needs no engine. */
async function services(...options: string[]): Promise<[string, Service][]> {
  const args = ['compose', '--env-file', '.env.example', ...options, 'config', '--format', 'json'];
  const { code, stdout, output } = await runCommand('docker', args);
  if (code !== 0) throw new Error(output);
  return Object.entries((JSON.parse(stdout) as { services: Record<string, Service> }).services);
}

describe.each([
  ['docker-compose.yml', withEveryProfile],
  ['docker-compose.yml with infra/debian/compose.yml', [...debian, ...withEveryProfile]],
])('%s', (_, options) => {
  let all: [string, Service][];
  beforeAll(async () => {
    all = await services(...options);
  });

  it('asks for nothing that an engine between 20.10 and the current one refuses', () => {
    const refused = all.filter(
      ([, { sysctls, healthcheck = {}, networks = {} }]) =>
        sysctls !== undefined ||
        'start_interval' in healthcheck ||
        Object.values(networks).some((network) => Object.keys(network ?? {}).some((key) => !knownOfNetworks.has(key))),
    );
    expect(refused).toEqual([]);
  });

  it('builds each image by one service, so that no two builds write the same tag at once', () => {
    const built = all.filter(([, { build }]) => build !== undefined);
    const tags = built.map(([name, { image }]) => image ?? name);
    expect(new Set(tags).size).toBe(tags.length);
  });

  it('never asks a registry for the image of the API, which is built from this repository', () => {
    const api = all.filter(([, { image }]) => image === 'pg-ha-lab/api');
    expect(api.map(([name, { pull_policy: policy }]) => [name, policy])).toEqual([
      ['api1', 'build'],
      ['api2', 'never'],
      ['fencing', 'never'],
    ]);
  });

  it('never asks a registry for an image that is built here by another service', () => {
    const asked = all.filter(
      ([, { image, build, pull_policy: policy }]) =>
        image?.startsWith('pg-ha-lab/') && build === undefined && policy !== 'never',
    );
    expect(asked.map(([name]) => name)).toEqual([]);
  });

  it('asks of an image only programs that the upstream image has, too, where etcd has no shell and HAProxy no curl', () => {
    // Bash speaks HTTP by itself.
    const bashAlone = /^bash -c exec 3<>\/dev\/tcp\/(?!.*\b(curl|wget|nc)\b)[^|]*$/;
    const known: Readonly<Record<string, RegExp>> = {
      etcd: /^etcdctl /,
      patroni: /^curl /,
      haproxy: bashAlone,
      'docker-gate': bashAlone,
      fencing: bashAlone,
      api: bashAlone,
      redis: /^redis-cli ping \| grep -q PONG$/,
    };
    for (const [name, { healthcheck = {} }] of all) {
      const allowed = known[name.replace(/\d$/, '')];
      if (allowed === undefined) continue;
      const [form, ...command] = healthcheck['test'] as string[];
      const expected = name === 'redis' ? 'CMD-SHELL' : 'CMD';
      expect([name, form, command.join(' ')]).toEqual([name, expected, expect.stringMatching(allowed)]);
    }
  });

  it('lets every user of a container read its secrets, whatever this Compose does by itself', () => {
    const modes = all.flatMap(([, { secrets = [] }]) => secrets.map(({ mode }) => mode));
    expect(modes.length).toBeGreaterThan(0);
    for (const mode of modes) expect([0o444, '0444']).toContain(mode);
  });

  it('gives each service a health check, so that --wait waits for it', () => {
    const neverRuns = new Set(['node', 'toolbox']);
    const unchecked = all.filter(([name, { healthcheck }]) => !neverRuns.has(name) && healthcheck === undefined);
    expect(unchecked.map(([name]) => name)).toEqual([]);
  });

  it('keeps what the containers say to each other away from every proxy', () => {
    const talking = all.filter(([name]) => !['docker-gate', 'node', 'toolbox'].includes(name));
    for (const [, { environment }] of talking) expect(environment).toMatchObject({ NO_PROXY: '*', no_proxy: '*' });
  });
});

describe.each(['docker-compose.yml', 'infra/debian/compose.yml', 'infra/small-disks/compose.yml', 'patroni/spilo.yml'])(
  'The text of %s',
  (file) => {
    it.each([
      // what, as it is written, and the first Compose or engine that takes it
      ['a version, of which a current Compose warns', /^version:/m],
      ['an override tag (Compose 2.24)', /!(reset|override)\b/],
      ['an optional env_file (Compose 2.24)', /\brequired: (true|false)|env_file:\s*(\[\s*\{|\n\s*- path:)/],
      ['a part of a volume (engine 26)', /\bsubpath:/],
      ['what a network of one service takes from engine 28 on', /\b(gw_priority|interface_name):/],
      ['hooks (Compose 2.30)', /^\s+(post_start|pre_stop):/m],
      ['inline configuration files (Compose 2.23)', /^\s+content:/m],
      ['models and providers (Compose 2.36)', /^\s*(models|provider|use_api_socket):/m],
    ])('has no %s', async (_, young) => {
      expect(await readFile(join(root, file), 'utf8')).not.toMatch(young);
    });
  },
);
