import { fileURLToPath } from 'node:url';
import { until } from '../../../../libs/cluster/src/wait.js';
import { run } from './judge.js';

const folder = fileURLToPath(new URL('../foreign/', import.meta.url));
const upBoundMs = 90_000;
const images = { FOREIGN_PATRONI_IMAGE: 'patroni1', FOREIGN_ETCD_IMAGE: 'etcd1', FOREIGN_HAPROXY_IMAGE: 'haproxy' };

/** The target file of the cluster. */
export const targetFile = `${folder}target.yml`;
/** The login of the judge there: it may make a schema, and nothing else. */
export const auditorPassword = 'only-for-the-test';

/** A cluster that is not ours (`apps/judge/test/foreign`). */
export class ForeignCluster {
  private constructor(private readonly env: Readonly<Record<string, string>>) {}

  /** Starts it anew, and makes the database and the login. @param prefix of the lab's containers, whose images it uses */
  static async start(prefix: string): Promise<ForeignCluster> {
    const env: Record<string, string> = {};
    for (const [variable, container] of Object.entries(images)) {
      const { code, stdout } = await run('docker', ['inspect', '-f', '{{.Image}}', `${prefix}${container}`]);
      if (code === 0) env[variable] = stdout.trim();
    }
    const cluster = new ForeignCluster(env);
    await cluster.remove();
    await cluster.compose('up', '--detach');
    await cluster.whole();
    await cluster.psql('postgres', `CREATE ROLE auditor LOGIN PASSWORD '${auditorPassword}'`);
    await cluster.psql('postgres', 'CREATE DATABASE orders');
    await cluster.psql('postgres', 'GRANT CREATE ON DATABASE orders TO auditor');
    return cluster;
  }

  /** Resolves when somebody leads and both others stream. */
  async whole(): Promise<void> {
    await until({ what: 'the foreign cluster leads and streams', boundMs: upBoundMs, everyMs: 1_000 }, async () => {
      const members = await listed();
      const streaming = members.filter(({ state }) => state === 'streaming').length;
      return members.some(({ role, state }) => role === 'leader' && state === 'running') && streaming === 2
        ? true
        : undefined;
    });
  }

  /** Runs SQL as the superuser on the leader. @returns what psql printed */
  async psql(database: string, sql: string): Promise<string> {
    const leader = (await listed()).find(({ role }) => role === 'leader')?.name ?? '';
    const psql = ['exec', leader, 'psql', '-h', '/tmp', '-U', 'postgres', '-d', database, '-XAtc', sql];
    const { code, output } = await run('docker', psql);
    if (code !== 0) throw new Error(output);
    return output.trim();
  }

  /** The containers that are frozen now. */
  frozen(): Promise<string[]> {
    return this.containers('paused');
  }

  /** The containers that are dead now. */
  dead(): Promise<string[]> {
    return this.containers('exited');
  }

  async remove(): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '1');
  }

  private async containers(status: string): Promise<string[]> {
    const filters = ['--filter', `status=${status}`, '--filter', 'label=com.docker.compose.project=foreign'];
    const { stdout } = await run('docker', ['ps', '--all', '--format', '{{.Names}}', ...filters]);
    return stdout.split('\n').filter(Boolean);
  }

  private async compose(...args: string[]): Promise<void> {
    const { code, output } = await run('docker', ['compose', '-f', `${folder}compose.yml`, ...args], { env: this.env });
    if (code !== 0) throw new Error(output);
  }
}

/** The members, by whichever Patroni answers: one may be frozen. */
function listed(): Promise<{ name: string; role: string; state: string }[]> {
  return Promise.any(
    [18_008, 18_009, 18_010].map(async (port) => {
      const url = `http://127.0.0.1:${port}/cluster`;
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      return ((await response.json()) as { members: { name: string; role: string; state: string }[] }).members;
    }),
  );
}
