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

/** The fields of a network that every engine accepts. The others are younger than 20.10, or some engine refuses them. */
const knownOfNetworks = new Set(['ipv4_address', 'aliases']);

const withEveryProfile = ['--profile', '*'];
const debian = ['-f', 'docker-compose.yml', '-f', 'infra/debian/compose.yml'];

/** The services as Compose reads them from the files; needs no engine. */
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

  it('uses nothing that any engine from 20.10 to the current one refuses', () => {
    const refused = all.filter(
      ([, { sysctls, healthcheck = {}, networks = {} }]) =>
        sysctls !== undefined ||
        'start_interval' in healthcheck ||
        Object.values(networks).some((network) => Object.keys(network ?? {}).some((key) => !knownOfNetworks.has(key))),
    );
    expect(refused).toEqual([]);
  });

  it('builds each image for one service only, so that no two builds write the same tag at once', () => {
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

  it('never asks a registry for an image that another service builds here', () => {
    const asked = all.filter(
      ([, { image, build, pull_policy: policy }]) =>
        image?.startsWith('pg-ha-lab/') && build === undefined && policy !== 'never',
    );
    expect(asked.map(([name]) => name)).toEqual([]);
  });

  it('runs in each container only programs that the upstream image has: etcd has no shell, and HAProxy no curl', () => {
    // Bash alone can send an HTTP request.
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

  it('lets every user of a container read its secrets, whatever the default of this Compose', () => {
    const modes = all.flatMap(([, { secrets = [] }]) => secrets.map(({ mode }) => mode));
    expect(modes.length).toBeGreaterThan(0);
    for (const mode of modes) expect([0o444, '0444']).toContain(mode);
  });

  it('gives each service a health check, so that `up --wait` waits for it', () => {
    const neverRuns = new Set(['node', 'toolbox']);
    const unchecked = all.filter(([name, { healthcheck }]) => !neverRuns.has(name) && healthcheck === undefined);
    expect(unchecked.map(([name]) => name)).toEqual([]);
  });

  it('keeps traffic between the containers away from every proxy', () => {
    const talking = all.filter(([name]) => !['docker-gate', 'node', 'toolbox'].includes(name));
    for (const [, { environment }] of talking) expect(environment).toMatchObject({ NO_PROXY: '*', no_proxy: '*' });
  });
});

describe.each(['docker-compose.yml', 'infra/debian/compose.yml', 'infra/small-disks/compose.yml', 'patroni/spilo.yml'])(
  'The text of %s',
  (file) => {
    it.each([
      // The feature with the first Compose or engine that accepts it, and how it is written.
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
