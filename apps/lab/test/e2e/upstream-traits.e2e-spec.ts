import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, runCommand } from '../support/command.js';

const prefix = process.env['LAB_PREFIX'] ?? '';
const exec = (service: string, ...command: string[]) =>
  runCommand('docker', ['exec', `${prefix}${service}`, ...command]);

/**
 * Both image sets have these traits, with which the lab must work. Without them in the images built here, a test that passes on
 * those would say nothing about upstream's images.
 */
describe('The images of the lab, like those that upstream publishes,', () => {
  it.each(['sh', 'bash', '/bin/sh', '/busybox/sh'])('have no %s in etcd', async (shell) => {
    const { code } = await exec('etcd1', shell, '-c', 'true');
    expect([126, 127]).toContain(code);
  });

  it('have etcd and etcdctl in /usr/local/bin', async () => {
    for (const program of ['/usr/local/bin/etcd', '/usr/local/bin/etcdctl']) {
      // etcdctl has the command `version`, etcd the option `--version`.
      const { code, output } = await exec('etcd1', program, program.endsWith('ctl') ? 'version' : '--version');
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('3.5.') });
    }
  });

  it.each([
    ['patroni1', 'postgres', '101:103'],
    ['haproxy', 'haproxy', '99:99'],
    ['redis', 'redis', '999:999'],
  ])('have in %s the user %s with the ids %s', async (service, user, ids) => {
    const { stdout } = await exec(service, 'sh', '-c', `echo "$(id -u ${user}):$(id -g ${user})"`);
    expect(stdout.trim()).toBe(ids);
  });

  it('have PostgreSQL 18 in PATH and run 17', async () => {
    const { stdout } = await exec('patroni1', 'sh', '-c', 'echo "$PATH"; head -n 1 "$PGROOT/data/PG_VERSION"');
    const [path = '', version] = stdout.trim().split('\n');
    expect(path).toContain('/usr/lib/postgresql/18/bin');
    expect(path).not.toContain('/usr/lib/postgresql/17/');
    expect(version).toBe('17');
  });

  it.each(['pg_ctl', 'pg_rewind', 'pg_controldata'])(
    'find the %s of 18 in PATH, which cannot read the data of 17',
    async (program) => {
      const { stdout } = await exec('patroni1', 'sh', '-c', `command -v ${program}`);
      expect(stdout.trim()).toBe(`/usr/lib/postgresql/18/bin/${program}`);
    },
  );
});

describe('The image of the members that is built from Debian packages', () => {
  it("refuses, in one line, to run 18's programs, which it does not have", async () => {
    const { code, output } = await runCommand('docker', [
      'run',
      '--rm',
      '--network',
      'none',
      'pg-ha-lab/patroni',
      'pg_ctl',
    ]);
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([expect.stringContaining('Call /usr/lib/postgresql/17/bin/pg_ctl.')]);
  });
});

describe('Patroni', () => {
  it('has the version that the table of the images names', async () => {
    const table = await readFile(join(root, 'infra/debian/README.md'), 'utf8');
    const [, upstream, debian] = /\| Patroni ([0-9.]+),[^|]*\| Patroni ([0-9.]+),/.exec(table) ?? [];
    const { stdout: image } = await runCommand('docker', ['inspect', '-f', '{{.Config.Image}}', `${prefix}patroni1`]);
    const { stdout } = await exec('patroni1', 'patronictl', 'version');
    const version = image.trim() === 'pg-ha-lab/patroni' ? debian : upstream;
    expect(stdout).toMatch(new RegExp(`version ${version}(\\.|\\s|$)`));
  });
});
