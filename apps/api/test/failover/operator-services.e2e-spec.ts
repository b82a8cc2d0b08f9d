import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { docker, dockerOutput } from '../../../../libs/chaos/test/support/docker.js';
import { PlainPostgres, superuserPassword } from '../../../../libs/chaos/test/support/plain.postgres.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import {
  environmentOf,
  podOf,
  render,
  whyNotRendered,
  type Container,
  type Manifest,
  type PodSpec,
} from '../../../../infra/kubernetes/test/rendered.js';

/** What an operator's Services lead to, and nothing of the lab: no HAProxy, no Patroni, no etcd, no Redis. */
const prefix = 'operator-services';
const write = 'pg-ha-rw';
const read = 'pg-ha-ro';
const passwords: Readonly<Record<string, string>> = {
  'pg-ha-app/username': 'app_owner',
  'pg-ha-app/password': 'owner',
  'app-user/username': 'app_user',
  'app-user/password': 'user',
  'app-owner.pg-ha.credentials.postgresql.acid.zalan.do/username': 'app_owner',
  'app-owner.pg-ha.credentials.postgresql.acid.zalan.do/password': 'owner',
  'app-user.pg-ha.credentials.postgresql.acid.zalan.do/username': 'app_user',
  'app-user.pg-ha.credentials.postgresql.acid.zalan.do/password': 'user',
  'postgres.pg-ha.credentials.postgresql.acid.zalan.do/username': 'postgres',
  'postgres.pg-ha.credentials.postgresql.acid.zalan.do/password': superuserPassword,
  'api/consistency-token-secret': 's'.repeat(40),
};
/** From the moment that the leader dies until its operator has promoted another one: what docs/kubernetes.md quotes for a pod that is gone is longer. */
const operatorTakesMs = 3_000;

if (whyNotRendered !== undefined) console.warn(`The overlays of infra/kubernetes are not rendered: ${whyNotRendered}`);
const whereRendered = whyNotRendered === undefined ? describe : describe.skip;

interface Answer {
  readonly status: number;
  readonly body: { readonly id?: number; readonly [field: string]: unknown };
  readonly token: string | null;
  readonly servedBy: string | null;
}

whereRendered('The service, with the variables of the overlay cloudnative-pg, behind names alone', () => {
  let postgres: PlainPostgres;
  let url: string;
  let first: string;
  let second: string;

  const container = `${prefix}-api`;

  const ask = async (
    path: string,
    init: RequestInit & { headers?: Record<string, string> } = {},
    boundMs = 40_000,
  ): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(boundMs) });
    return {
      status: response.status,
      body: (await response.json()) as Answer['body'],
      token: response.headers.get('consistency-token'),
      servedBy: response.headers.get('served-by'),
    };
  };

  const post = (name: string, key: string = randomUUID()) =>
    ask('/products', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `"${key}"` },
      body: JSON.stringify({ name, price: 1 }),
    });

  beforeAll(async () => {
    const manifests = render('cloudnative-pg');
    postgres = await PlainPostgres.make({
      prefix,
      image: await imageOf('patroni1'),
      replicas: 2,
      services: { write, read },
    });
    [first, second] = postgres.members as [string, string, string];
    await makeDatabase(postgres, first, manifests);
    const image = await imageOf('api1');
    await dockerRun(image, manifests, { kind: 'Job', name: 'prepare', detach: false });
    await dockerRun(image, manifests, { kind: 'Deployment', name: 'api', detach: true });
    url = `http://${(await docker(['port', container, '3000'])).split('\n')[0]}`;
    // The port of a container that has just started may take a connection that leads nowhere.
    await until({ what: 'the service is ready', boundMs: 30_000 }, async () =>
      (await ask('/health/ready', {}, 1_000)).status === 200 ? true : undefined,
    ).catch(async (error: Error) => {
      throw new Error(`${error.message}. Its log:\n${await dockerOutput(['logs', '--tail', '20', container])}`);
    });
  }, 180_000);

  afterAll(async () => {
    await docker(['rm', '-f', container]).catch(() => undefined);
    await postgres?.remove();
  });

  it('is prepared by its Job a second time without an error', async () => {
    const output = await dockerRun(await imageOf('api1'), render('cloudnative-pg'), {
      kind: 'Job',
      name: 'prepare',
      detach: false,
    });

    expect(output).toContain('the database is prepared');
    expect(output).not.toContain('not prepared yet');
  });

  it("finds its functions made by the Job of the overlay zalando, which has the superuser's secret", async () => {
    const folder = join(postgres.tls, 'sql');
    await mkdir(folder);
    await writeFile(join(folder, 'install.sql'), functions());
    await postgres.sql(first, 'CREATE DATABASE other OWNER app_owner');
    const overrides = { DB_WRITE_HOST: write, DB_NAME: 'other', DB_ADMIN_SQL: '/tls/sql' };
    const output = await dockerRun(await imageOf('api1'), render('zalando'), {
      kind: 'Job',
      name: 'prepare',
      detach: false,
      overrides,
    });

    expect(output).toContain('installed functions: install.sql');
    expect(await postgres.sql(first, 'SET ROLE app_user; SELECT member FROM lab.node_identity()', 'other')).toEqual([
      first,
    ]);
    expect(await postgres.sql(first, 'SET ROLE app_user; SELECT count(*) FROM products', 'other')).toEqual(['0']);
  });

  it("lets the operator's own logins in, which have no rights there, and nobody make temporary tables", async () => {
    await postgres.sql(first, 'CREATE ROLE cnpg_metrics_exporter LOGIN IN ROLE pg_monitor');
    const rights = ['CONNECT', 'TEMPORARY'].map(
      (right) => `has_database_privilege('cnpg_metrics_exporter', 'app_db', '${right}')`,
    );

    expect(await postgres.sql(first, `SELECT ${rights.join(', ')}`)).toEqual(['t|f']);
    expect(
      await postgres.sql(first, "SELECT has_table_privilege('cnpg_metrics_exporter', 'products', 'SELECT')", 'app_db'),
    ).toEqual(['f']);
  });

  it('is healthy, and says of Patroni that there is none', async () => {
    await until({ what: 'every connection is there', boundMs: 10_000 }, async () =>
      (await ask('/health')).body['status'] === 'ok' ? true : undefined,
    );
    const { body } = await ask('/health');

    expect(body['details']).toMatchObject({
      write: { status: 'up', member: first, role: 'leader' },
      read: { status: 'up', role: 'replica' },
      patroni: { status: 'up', message: expect.stringContaining('PATRONI_URLS is none') },
      replication: { status: 'up' },
    });
  });

  it('tells of the cluster what PostgreSQL itself knows', async () => {
    const { body } = await ask('/cluster');

    expect(body).toMatchObject({ source: 'postgresql', leader: first, timeline: 1, paused: null, scope: null });
    expect((body['members'] as { name: string; role: string }[]).map(({ name, role }) => `${name} ${role}`)).toEqual([
      `${first} leader`,
      ...postgres.members.slice(1).map((name) => `${name} quorum_standby`),
    ]);
    expect((await ask('/cluster/replication')).body['synchronous']).toMatchObject({ mode: 'quorum', nodeCount: 1 });
    expect((await ask('/cluster/history')).body).toEqual([]);
  });

  it('reads from the replicas that one name leads to, and not from the leader', async () => {
    const { body, token } = await post('spread');
    const headers = { 'consistency-token': token ?? '' };
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(`/products/${body.id}`, { headers })));

    expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    // Which of them a name's many addresses lead to is the resolver's choice.
    for (const { servedBy } of answers) expect(servedBy).toMatch(/^operator-services-[23]; replica/);
  });

  it('loses and repeats no keyed write through a promotion, fails no request, and honours the tokens of before', async () => {
    const before = await post('before');
    const running = { value: true };
    const written: { key: string; name: string; answer: Answer; atMs: number }[] = [];
    const reads: Answer[] = [];
    const writer = async (index: number) => {
      for (let n = 0; running.value; n += 1) {
        const [key, name] = [randomUUID(), `through ${index} ${n}`];
        const answer = await post(name, key);
        written.push({ key, name, answer, atMs: performance.now() });
      }
    };
    const reader = async () => {
      while (running.value) {
        reads.push(await ask(`/products/${before.body.id}`, { headers: { 'consistency-token': before.token ?? '' } }));
        await sleep(20);
      }
    };
    const clients = [writer(1), writer(2), writer(3), writer(4), reader(), reader()];
    await sleep(1_500);

    await postgres.kill(first);
    await sleep(operatorTakesMs);
    await postgres.promote(second);
    await postgres.moveServices(second);
    const movedAtMs = performance.now();
    await until({ what: 'a write after the promotion', boundMs: 25_000, everyMs: 50 }, () =>
      written.some(({ atMs }) => atMs > movedAtMs) ? true : undefined,
    );
    await sleep(3_000);
    running.value = false;
    await Promise.all(clients);

    expect(written.map(({ answer }) => answer.status).filter((status) => status !== 201)).toEqual([]);
    expect(reads.filter(({ status }) => status !== 200)).toEqual([]);
    // Exactly once: each name has one row, and each key still has its answer.
    const rows = await postgres.sql(second, "SELECT name FROM products WHERE name LIKE 'through %'", 'app_db');
    expect(rows.toSorted()).toEqual(written.map(({ name }) => name).toSorted());
    const last = written.at(-1);
    expect((await post(last?.name ?? '', last?.key)).body.id).toBe(last?.answer.body.id);

    const later = await ask(`/products/${before.body.id}`, { headers: { 'consistency-token': before.token ?? '' } });
    expect(later.status).toBe(200);
    expect((await ask('/cluster')).body).toMatchObject({ leader: second, timeline: 2 });
    expect((await ask('/cluster/history')).body).toMatchObject([
      { timeline: 1, switchLsn: expect.stringContaining('/') },
    ]);
  }, 60_000);

  it('reads from the leader while the name of the replicas leads to nobody', async () => {
    const { body, token } = await post('alone');
    await postgres.kill(postgres.members[2] as string);
    const answer = await until({ what: 'the leader answers reads', boundMs: 15_000 }, async () => {
      const found = await ask(`/products/${body.id}`, { headers: { 'consistency-token': token ?? '' } });
      if (found.status === 200 && found.servedBy?.includes(second)) return found;
      throw new Error(`${found.status} by ${found.servedBy}: ${JSON.stringify(found.body)}`);
    });

    expect(answer.servedBy).toContain('leader; fwd=no-replica');
    // Not down: it serves all it can.
    const { status, body: health } = await ask('/health');
    expect({ status, health }).toMatchObject({ status: 200, health: { status: 'degraded' } });
    expect(health['details']).toMatchObject({ write: { status: 'up' }, read: { status: 'degraded', role: 'leader' } });
  }, 30_000);

  /** As the operator does: the owner and the database, the other login, and the functions as a superuser. */
  async function makeDatabase(servers: PlainPostgres, leader: string, manifests: readonly Manifest[]): Promise<void> {
    const cluster = manifests.find(({ kind }) => kind === 'Cluster') as Manifest;
    const { postInitSQL } = cluster['spec'].bootstrap.initdb as { postInitSQL: string[] };
    await servers.sql(leader, `CREATE ROLE app_owner LOGIN PASSWORD '${passwords['pg-ha-app/password']}'`);
    await servers.sql(leader, 'CREATE DATABASE app_db OWNER app_owner');
    for (const statement of postInitSQL) await servers.sql(leader, statement);
    await servers.sql(leader, functions(), 'app_db');
    await servers.sql(leader, `ALTER ROLE app_user LOGIN PASSWORD '${passwords['app-user/password']}'`);
  }

  /** Runs the image as the manifest says: its variables, its user, its read-only root. Secrets are those above. */
  async function dockerRun(
    image: string,
    manifests: readonly Manifest[],
    {
      kind,
      name,
      detach,
      overrides = {},
    }: { kind: string; name: string; detach: boolean; overrides?: Readonly<Record<string, string>> },
  ): Promise<string> {
    const manifest = manifests.find((one) => one.kind === kind && one.metadata.name === name) as Manifest;
    const [spec] = (podOf(manifest) as PodSpec).containers as [Container];
    const variables = environmentOf(spec, manifests)
      // The overlay's cache is not there; the service works without one.
      .filter((variable) => !variable.name.startsWith('REDIS_'))
      .map(({ name: variable, value, valueFrom }) => {
        const secret = `${valueFrom?.secretKeyRef.name}/${valueFrom?.secretKeyRef.key}`;
        return `${variable}=${overrides[variable] ?? value ?? passwords[secret] ?? fail(`value of ${secret}`)}`;
      });
    const settings = [
      '--user',
      '1000',
      '--read-only',
      '--cap-drop',
      'ALL',
      '--security-opt',
      'no-new-privileges',
    ].concat(
      ['--volume', `${postgres.tls}:/tls:ro`],
      detach ? ['--name', container, '--publish', '127.0.0.1::3000'] : [],
      variables.flatMap((variable) => ['--env', variable]),
    );
    const created = await docker(['create', ...settings, image, ...(spec.args ?? [])]);
    for (const network of [postgres.serverNetwork, postgres.writeNetwork, postgres.readNetwork])
      await docker(['network', 'connect', network, created]);
    if (detach) return docker(['start', created]);
    const output = await dockerOutput(['start', '--attach', created], 60_000);
    const [code] = (await docker(['inspect', '-f', '{{.State.ExitCode}}', created])).split('\n');
    await docker(['rm', created]);
    if (code !== '0') throw new Error(`${name} ended with ${code}: ${output}`);
    return output;
  }
});

/** The SQL that both overlays have in a ConfigMap. */
function functions(): string {
  const manifest = parse(readFileSync('infra/kubernetes/functions/functions.yml', 'utf8')) as {
    data: Record<string, string>;
  };
  return manifest.data['install.sql'] ?? fail('install.sql');
}

const fail = (what: string): never => {
  throw new Error(`the test has no ${what}`);
};

/** The image of a service of the lab: that of the service under test is made from this tree. */
async function imageOf(name: string): Promise<string> {
  const containers = await openLab().containers.list();
  return containers.find(({ service }) => service === name)?.image ?? fail(`image of ${name}`);
}
