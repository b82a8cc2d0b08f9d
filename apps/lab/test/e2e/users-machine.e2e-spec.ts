import { describe, expect, it } from '@jest/globals';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, root } from '../support/command.js';

const prefix = process.env['LAB_PREFIX'] ?? '';
const docker = (...args: string[]) => runCommand('docker', args);

/** Runs `command` as in HAProxy's container, with `folder` as its configuration and without any capability. */
const startHaproxy = (folder: string, ...command: string[]) => {
  const mounts = ['-v', `${root}infra/start:/start:ro`, '-v', `${folder}:/config:ro`];
  const start = ['/start/start.sh', 'haproxy', '/config', ...command];
  return docker('run', '--rm', '--user', '0:0', ...mounts, '--entrypoint', '/bin/sh', 'pg-ha-lab/haproxy', ...start);
};

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pg-ha-lab '));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('The neighbour table of a container', () => {
  const files = ['retrans_time_ms', 'base_reachable_time_ms', 'delay_first_probe_time'];
  const paths = files.map((file) => `/proc/sys/net/ipv4/neigh/eth0/${file}`);

  it.each(['patroni1', 'patroni2', 'patroni3', 'haproxy'])(
    'makes %s notice a dead peer after 0.3 s on this engine',
    async (service) => {
      const { stdout } = await docker('exec', `${prefix}${service}`, 'cat', ...paths);
      expect(stdout.trim().split('\n')).toEqual(['100', '1000', '0']);
    },
  );

  it.each(['patroni1', 'haproxy'])('cannot be changed any more by the first process of %s', async (service) => {
    const { stdout } = await docker('exec', `${prefix}${service}`, 'grep', 'CapBnd', '/proc/1/status');
    const netAdmin = 1n << 12n;
    expect(BigInt(`0x${stdout.split('\t')[1]?.trim()}`) & netAdmin).toBe(0n);
  });

  it('stays as it is where the engine refuses to change it; the container logs what that costs, and goes on', async () => {
    const { code, output } = await startHaproxy(`${root}haproxy`, 'id', '-un');
    expect(code).toBe(0);
    expect(output).toContain('may take 2 s longer');
    expect(output).toContain('haproxy\n');
  });
});

describe('A checkout that others may not read', () => {
  it.each([
    ['umask 077', 'haproxy.cfg', 0o600],
    ['umask 027', 'haproxy.cfg', 0o640],
    ['a folder that may be listed and not entered', '', 0o754],
  ])('is refused by HAProxy in one line that says what to do: %s', async (_, hidden, mode) => {
    await withFolder(async (folder) => {
      await cp(join(root, 'haproxy'), join(folder, 'haproxy'), { recursive: true });
      await chmod(join(folder, 'haproxy', hidden), mode);
      const { code, output } = await startHaproxy(`${folder}/haproxy`, 'id');
      expect(code).toBe(1);
      expect(output.trim().split('\n')).toEqual([expect.stringContaining('chmod -R a+rX haproxy patroni infra')]);
    });
  });
});

describe('A proxy in the configuration of the Docker client', () => {
  /** The configuration of a Docker client with this proxy, and with the plugins of the user's own. */
  async function proxiedClient(folder: string): Promise<Record<string, string>> {
    const proxy = 'http://127.0.0.1:9';
    const own = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
    await mkdir(join(folder, 'config'));
    await cp(join(own, 'cli-plugins'), join(folder, 'config/cli-plugins'), { recursive: true }).catch(() => undefined);
    const config = { proxies: { default: { httpProxy: proxy, httpsProxy: proxy, noProxy: 'elsewhere' } } };
    await writeFile(join(folder, 'config/config.json'), JSON.stringify(config));
    return { DOCKER_CONFIG: join(folder, 'config') };
  }

  it('reaches the environment of the containers, which do not use it among themselves', async () => {
    await withFolder(async (folder) => {
      const client = await proxiedClient(folder);
      const name = `proxy-probe-${process.pid}`;
      const compose = ['compose', '--env-file', '.env.example', '-p', name];
      const env = { ...client, LAB_PREFIX: `${name}-`, LAB_NETWORK: '10.213.19', ETCD_IMAGE: 'pg-ha-lab/etcd' };
      try {
        const created = await runCommand('docker', [...compose, 'create', '--no-build', 'etcd1'], env);
        expect([created.code, created.output]).toEqual([0, expect.anything()]);
        const { stdout } = await docker('inspect', '-f', '{{json .Config.Env}}', `${name}-etcd1`);
        const variables = JSON.parse(stdout) as string[];
        expect(variables).toEqual(
          expect.arrayContaining(['HTTP_PROXY=http://127.0.0.1:9', 'NO_PROXY=*', 'no_proxy=*']),
        );
      } finally {
        await runCommand('docker', [...compose, 'down', '--volumes'], env);
      }
    });
  });

  it('does not keep the service from reaching Patroni', async () => {
    const proxy = ['HTTP_PROXY', 'http_proxy'].flatMap((name) => ['-e', `${name}=http://127.0.0.1:9`]);
    const ask = `import axios from 'axios'; console.log((await axios.get('http://patroni1:8008/cluster')).status)`;
    const { output } = await docker('exec', ...proxy, `${prefix}api1`, 'node', '--input-type=module', '-e', ask);
    expect(output.trim()).toBe('200');
  });
});

describe('A checkout by a git that turns line ends into CRLF', () => {
  it('has LF in all files that are run or mounted', async () => {
    await withFolder(async (folder) => {
      const clone = join(folder, 'lab');
      const options = ['-c', 'core.autocrlf=true', 'clone', '--quiet', '--depth', '1', `file://${root}`, clone];
      const { code, output } = await runCommand('git', options);
      expect([code, output]).toEqual([0, '']);
      // git lists the files: haproxy.cfg, SQL, Dockerfiles and scripts are among them, and files that are added later.
      const { stdout } = await runCommand('git', ['-C', clone, 'ls-files', '--eol']);
      const lines = stdout.trim().split('\n');
      expect(lines.length).toBeGreaterThan(100);
      expect(lines.filter((line) => /\bw\/(crlf|mixed)\b/.test(line))).toEqual([]);
      expect(await readFile(join(clone, 'haproxy/haproxy.cfg'), 'utf8')).not.toContain('\r');
    });
  });
});
