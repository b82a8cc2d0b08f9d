import { beforeAll, describe, expect, it } from '@jest/globals';
import { runCommand } from '../support/command.js';

interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly pull_policy?: string;
  readonly sysctls?: unknown;
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks?: Readonly<Record<string, { readonly driver_opts?: unknown } | null>>;
}

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
        Object.values(networks).some((network) => network?.driver_opts !== undefined),
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

  it('asks of an image only programs that the upstream image has, too, where etcd has no shell and HAProxy no curl', () => {
    const known: Readonly<Record<string, RegExp>> = {
      etcd: /^etcdctl /,
      patroni: /^curl /,
      haproxy: /^bash -c [^|]*$/,
    };
    for (const [name, { healthcheck = {} }] of all) {
      const allowed = known[name.replace(/\d$/, '')];
      if (allowed === undefined) continue;
      const [form, ...command] = healthcheck['test'] as string[];
      expect([name, form, command.join(' ')]).toEqual([name, 'CMD', expect.stringMatching(allowed)]);
    }
  });

  it('keeps what the containers say to each other away from every proxy', () => {
    const talking = all.filter(([name]) => !['docker-gate', 'node', 'toolbox'].includes(name));
    for (const [, { environment }] of talking) expect(environment).toMatchObject({ NO_PROXY: '*', no_proxy: '*' });
  });
});
