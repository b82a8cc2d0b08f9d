import { describe, expect, it } from '@jest/globals';
import { etcds, memberNames, servicesOf } from '../../../../libs/cluster/src/core/members.mjs';
import { runCommand } from '../support/command.js';

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
}

/** The services as Compose reads them from docker-compose.yml; needs no engine. */
async function composeServices(options: readonly string[], env = {}): Promise<Record<string, Service>> {
  const args = ['compose', '--env-file', '.env.example', ...options, 'config', '--format', 'json'];
  const { code, stdout, output } = await runCommand('docker', args, env);
  if (code !== 0) throw new Error(output);
  return (JSON.parse(stdout) as { services: Record<string, Service> }).services;
}

/** The value of a shell expression in the scripts. */
async function inScripts(expression: string, env = {}): Promise<string> {
  const script = `source scripts/lib/settings.sh; source scripts/lib/members.sh; echo "${expression}"`;
  const { code, stdout, output } = await runCommand('bash', ['-euo', 'pipefail', '-c', script], env);
  if (code !== 0) throw new Error(output);
  return stdout.trim();
}

describe('Names that docker-compose.yml, the scripts and libs/cluster share', () => {
  it.each([
    ['three members', [], 3],
    ['four members', ['--profile', 'four'], 4],
  ])('are those of all services of a lab of %s', async (_, options, count) => {
    const services = await composeServices(options);
    expect(Object.keys(services).toSorted()).toEqual(servicesOf(memberNames(count)).toSorted());
  });

  it('include those of the members of PostgreSQL and of etcd', async () => {
    const [members, ofEtcd] = await Promise.all([inScripts('${members[*]}'), inScripts('${etcds[*]}')]);
    expect(members.split(' ').slice(0, 3)).toEqual(memberNames(3));
    expect(ofEtcd.split(' ')).toEqual(etcds);
  });

  it('include the name of the cluster, which all take from LAB_SCOPE', async () => {
    const env = { LAB_SCOPE: 'another' };
    const services = Object.values(await composeServices(['--profile', '*'], env));
    const ofMembers = services.flatMap(({ environment }) => environment?.['SCOPE'] ?? []);
    const ofFencing = services.flatMap(({ environment }) => environment?.['PATRONI_SCOPE'] ?? []);
    expect([...ofMembers, ...ofFencing]).toEqual(Array.from({ length: 5 }, () => 'another'));
    expect(await inScripts('$scope', env)).toBe('another');
  });
});
