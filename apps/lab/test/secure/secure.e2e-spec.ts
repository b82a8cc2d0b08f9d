import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { docker, dockerOutput } from '../../../../libs/chaos/test/support/docker.js';
import { secondLab } from '../../../../libs/chaos/test/support/second.lab.js';
import { artifactsFolder } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { root, runCommand } from '../support/command.js';

/** Twice what was seen on a slow day, with both labs on two cores. */
const upBoundMs = 420_000;
const rotateBoundMs = 900_000;
const probeBoundMs = 60_000;
const drillBoundMs = 240_000;
const requestTimeoutMs = 35_000;
const pauseMs = 100;

const { prefix, apiPort } = secondLab;
/** The poolers are certified, too. */
const environment = { ...secondLab.environment, LAB_PROFILES: 'pooler,secure' };
const prometheusPort = '19090';
const withEverything = {
  ...environment,
  LAB_PROFILES: 'edge,pooler,backup,observability,secure',
  PROMETHEUS_PORT: prometheusPort,
  ALERTMANAGER_PORT: '19093',
};
const scriptsLab = (args: readonly string[], boundMs = upBoundMs) =>
  runCommand('scripts/lab', args, environment, boundMs);
const authorities = () => readFileSync(join(root, secondLab.folder, 'authorities.crt'), 'utf8');

/** A client that trusts the lab's authority, as it is now, and connects anew for each request. */
function ask(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { method, ca: authorities(), agent: false, timeout: requestTimeoutMs } as const;
    const outgoing = request(`https://127.0.0.1:${apiPort}${path}`, {
      ...options,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')));
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    outgoing.end(body && JSON.stringify(body));
  });
}

/** Runs a line of bash in the container of a member, which is on the lab's network. */
const inside = (line: string) => dockerOutput(['exec', `${prefix}patroni1`, 'bash', '-c', line]);
/** Whether a line of bash succeeds there. */
const succeeds = async (line: string) =>
  (await inside(`if timeout 8 bash -c ${quoted(line)} >/dev/null 2>&1; then echo yes; else echo no; fi`)).trim();
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const own = '--cert /tls/tls.pem --key /tls/tls.pem';
const foreign = '--cert /tmp/foreign.pem --key /tmp/foreign.pem';
const lookAt = (url: string, options = '') => `curl -sf --http1.1 -m 5 -o /dev/null ${options} ${url}`;
/** Asks for the same, but as a server of another name. */
const misnamed = (host: string, port: number, path: string, options = '') =>
  lookAt(`https://elsewhere:${port}${path}`, `--connect-to elsewhere:${port}:${host}:${port} ${options}`);
const sql = (parameters: string) =>
  `PGPASSWORD=$(cat /run/secrets/app_user_password) psql "user=app_user dbname=app_db connect_timeout=5 ${parameters}" -XAtqc 'SELECT 1'`;
const replicate = (parameters: string) =>
  `PGPASSWORD=$PGPASSWORD_STANDBY psql "user=standby replication=true host=patroni2 connect_timeout=5 sslmode=verify-full ${parameters}" -XAtqc 'IDENTIFY_SYSTEM'`;
/** TLS is spoken, and the server still talks after it has seen what the client shows. */
const greets = (address: string, options: string) =>
  `(sleep 1; printf 'PING\\r\\n'; sleep 1) | timeout 4 openssl s_client -connect ${address} -verify_return_error -quiet ${options} 2>/dev/null | grep -q NOAUTH`;
const presents = (address: string, options: string) =>
  `openssl s_client -connect ${address} -verify_return_error ${options} </dev/null 2>&1 | grep -q 'Verify return code: 0'`;
const trusting = '-CAfile /tls/ca.crt';
const showing = '-cert /tls/tls.pem -key /tls/tls.pem';
const plainPing = (host: string, port: number) =>
  `exec 3<>/dev/tcp/${host}/${port} && printf 'PING\\r\\n' >&3 && read -r -t 3 line <&3 && [[ $line == *PONG* || $line == *NOAUTH* ]]`;

interface Port {
  readonly name: string;
  /** What the lab's own clients do. */
  readonly right: string;
  /** What must fail, by what is wrong with it. */
  readonly wrong: Readonly<Record<string, string>>;
}

const https = (name: string, host: string, port: number, path: string): Port => ({
  name,
  right: lookAt(`https://${host}:${port}${path}`),
  wrong: {
    'plain text': lookAt(`http://${host}:${port}${path}`),
    'a client that trusts another authority': lookAt(`https://${host}:${port}${path}`, '--cacert /tmp/foreign.pem'),
    'another name': misnamed(host, port, path),
  },
});

const proxied = (name: string, port: number): Port => ({
  name: `PostgreSQL: ${name}`,
  right: sql(`host=haproxy port=${port} sslmode=verify-full`),
  wrong: {
    'plain text': sql(`host=haproxy port=${port} sslmode=disable`),
    'a client that trusts another authority': sql(
      `host=haproxy port=${port} sslmode=verify-full sslrootcert=/tmp/foreign.pem`,
    ),
    'another name': sql(
      `host=elsewhere hostaddr=$(getent hosts haproxy | cut -d" " -f1) port=${port} sslmode=verify-full`,
    ),
  },
});

const ports: readonly Port[] = [
  {
    name: 'etcd, for clients',
    right: lookAt('https://etcd1:2379/health', own),
    wrong: {
      'plain text': lookAt('http://etcd1:2379/health', own),
      'no certificate': lookAt('https://etcd1:2379/health'),
      'a certificate of another authority': lookAt('https://etcd1:2379/health', foreign),
      'a client that trusts another authority': lookAt('https://etcd1:2379/health', `--cacert /tmp/foreign.pem ${own}`),
      'another name': misnamed('etcd1', 2379, '/health', own),
    },
  },
  {
    name: 'etcd, for peers',
    right: lookAt('https://etcd1:2380/members', own),
    wrong: {
      'plain text': lookAt('http://etcd1:2380/members', own),
      'no certificate': lookAt('https://etcd1:2380/members'),
      'a certificate of another authority': lookAt('https://etcd1:2380/members', foreign),
      'a client that trusts another authority': lookAt(
        'https://etcd1:2380/members',
        `--cacert /tmp/foreign.pem ${own}`,
      ),
      'another name': misnamed('etcd1', 2380, '/members', own),
    },
  },
  https("Patroni's REST API", 'patroni1', 8008, '/health'),
  {
    name: 'PostgreSQL',
    right: sql('host=patroni2 sslmode=verify-full'),
    wrong: {
      'plain text': sql('host=patroni2 sslmode=disable'),
      'a client that trusts another authority': sql('host=patroni2 sslmode=verify-full sslrootcert=/tmp/foreign.pem'),
      'another name': sql('host=elsewhere hostaddr=$(getent hosts patroni2 | cut -d" " -f1) sslmode=verify-full'),
    },
  },
  {
    name: 'PostgreSQL, for replication',
    right: replicate('sslcert=/run/tls/standby.pem sslkey=/run/tls/standby.pem'),
    wrong: {
      'no certificate': replicate('sslcert=/none'),
      "another member's certificate": replicate('sslcert=/run/tls/tls.pem sslkey=/run/tls/tls.pem'),
      'a certificate of another authority': replicate('sslcert=/tmp/foreign.pem sslkey=/tmp/foreign.pem'),
    },
  },
  proxied('the leader through HAProxy', 5000),
  proxied('a replica through HAProxy', 5001),
  proxied('the leader through a pooler', 5010),
  proxied('a replica through a pooler', 5011),
  {
    name: 'Redis',
    right: greets('redis:6379', `${trusting} ${showing}`),
    wrong: {
      'plain text': plainPing('redis', 6379),
      'no certificate': greets('redis:6379', trusting),
      'a client that trusts another authority': presents('redis:6379', `-CAfile /tmp/foreign.pem ${showing}`),
      'a certificate of another authority': greets(
        'redis:6379',
        `${trusting} -cert /tmp/foreign.pem -key /tmp/foreign.pem`,
      ),
      'another name': presents('redis:6379', `${trusting} ${showing} -verify_hostname elsewhere`),
    },
  },
  https('the service', 'api1', 3000, '/health/live'),
  https('the service behind HAProxy', 'haproxy', 3000, '/health/live'),
  https("HAProxy's statistics", 'haproxy', 8404, '/healthz'),
];

/** Makes a certificate that no authority of the lab has signed. */
const foreignCertificate = 'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=standby';

const servedSerial = () =>
  inside('openssl s_client -connect haproxy:3000 </dev/null 2>/dev/null | openssl x509 -noout -serial');

/** Does `work` while one client reads and another writes with keys. Neither tries anything again. */
async function underRequests<T>(work: () => Promise<T>) {
  const stopped = new AbortController();
  const failures: string[] = [];
  let requests = 0;
  const client = async (send: () => Promise<number>) => {
    while (!stopped.signal.aborted) {
      requests += 1;
      const failure = await send().then(
        (status) => (status < 300 ? undefined : `${status}`),
        (error: Error) => error.message,
      );
      if (failure !== undefined) failures.push(failure);
      await sleep(pauseMs);
    }
  };
  const key = () => ({ 'idempotency-key': `"${crypto.randomUUID()}"` });
  const clients = [
    client(() => ask('GET', '/products?limit=1')),
    client(() => ask('POST', '/products', { name: 'secured', price: 1 }, key())),
  ];
  const result = await work().finally(() => stopped.abort());
  await Promise.all(clients);
  return { result, failures, requests };
}

const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ scrapeUrl: z.string(), health: z.string(), lastError: z.string() })),
  }),
});
const askPrometheus = async (path: string): Promise<unknown> =>
  (await fetch(`http://127.0.0.1:${prometheusPort}/api/v1/${path}`)).json();
/** What Prometheus asks, and how that went. */
const targets = async () => targetsSchema.parse(await askPrometheus('targets?state=active')).data.activeTargets;
/** How many series answer a query. */
async function series(query: string): Promise<number> {
  const answer = z.object({ data: z.object({ result: z.array(z.unknown()) }) });
  return answer.parse(await askPrometheus(`query?query=${encodeURIComponent(query)}`)).data.result.length;
}

/** Injects a fault under load. How long it takes is another question, and its bounds are those of a usual day. */
async function expectVerdict(fault: string, variables: Record<string, string>): Promise<void> {
  const args = ['chaos', 'run', fault, '--rate', '60', '--json'];
  const { stdout, output } = await runCommand('scripts/lab', args, variables, upBoundMs);
  expect(output).toContain(`${fault} 1`);
  const verdict = z.object({ reasons: z.array(z.string()) });
  const runs = z.array(z.object({ verdict })).parse(JSON.parse(stdout));
  expect(runs).toHaveLength(1);
  expect(runs.flatMap((run) => run.verdict.reasons).filter((reason) => !/GapMs is/.test(reason))).toEqual([]);
}

beforeAll(async () => {
  const { code, output } = await scriptsLab(['up']);
  if (code !== 0) throw new Error(output);
  await inside(
    `${foreignCertificate} -keyout /tmp/key -out /tmp/foreign.pem && cat /tmp/key >>/tmp/foreign.pem && chmod 600 /tmp/foreign.pem`,
  );
}, upBoundMs);

afterAll(async () => {
  try {
    const folder = join(artifactsFolder, 'secure');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'lab.log'), (await scriptsLab(['logs'])).output);
  } finally {
    await scriptsLab(['down', '--volumes']);
  }
}, upBoundMs);

describe('With TLS and authentication everywhere', () => {
  describe.each(ports)('$name', ({ right, wrong }) => {
    it('takes the lab itself', async () => expect(await succeeds(right)).toBe('yes'), probeBoundMs);

    it.each(Object.entries(wrong))(
      'refuses %s',
      async (_, line) => expect(await succeeds(line)).toBe('no'),
      probeBoundMs,
    );
  });

  it('lets nobody change the cluster through Patroni without the password', async () => {
    const patch = `curl -s -m 5 -o /dev/null -w '%{http_code}' -X PATCH -d '{"loop_wait":2}' https://patroni1:8008/config`;
    expect(await inside(patch)).toBe('401');
    expect(await inside(`${patch} -u "patroni:$PATRONI_PASSWORD"`)).toBe('200');
  });

  it("lets Patroni's login at etcd touch its own prefix only", async () => {
    const etcdctl = ['exec', '-e', 'ETCDCTL_USER=patroni:' + (await inside('printf %s "$ETCD_PASSWORD"'))];
    const put = (key: string) => dockerOutput([...etcdctl, `${prefix}etcd1`, 'etcdctl', 'put', key, '1']);
    expect(await put('/service/test')).toMatch(/^OK/);
    expect(await put('/other')).toContain('permission denied');
  });

  it(
    'makes HAProxy believe no member whose certificate is of another authority',
    async () => {
      const file = join(root, secondLab.folder, 'haproxy/ca.crt');
      const trusted = readFileSync(file);
      const reload = () => docker(['kill', '--signal', 'USR2', `${prefix}haproxy`]);
      const leads = sql('host=haproxy port=5000 sslmode=verify-full');
      const untilIt = (answer: string) =>
        until({ what: `the way to the leader: ${answer}`, boundMs: probeBoundMs }, async () =>
          (await succeeds(leads)) === answer ? true : undefined,
        );
      try {
        await writeFile(file, await inside('openssl x509 -in /tmp/foreign.pem'));
        await reload();
        await untilIt('no');
      } finally {
        await writeFile(file, trusted);
        await reload();
      }
      await untilIt('yes');
    },
    2 * probeBoundMs + upBoundMs,
  );

  it('publishes the ports that are listed in its settings, on 127.0.0.1 only, and no others', async () => {
    const format = '{{.Names}} {{.Ports}}';
    const rows = (await docker(['ps', '--filter', `name=^${prefix}`, '--format', format])).split('\n');
    const published = rows.flatMap((row) => row.match(/\S+(?=->)/g) ?? []);
    const wanted = Object.entries(secondLab.environment).flatMap(([name, value]) =>
      name.endsWith('_PORT') && name !== 'PATRONI4_REST_PORT' ? [`127.0.0.1:${value}`] : [],
    );
    expect(published.toSorted()).toEqual(wanted.toSorted());
  });

  it(
    'hands leadership over: every request is answered, and by another leader',
    async () => {
      const leader = async () =>
        (JSON.parse((await scriptsLab(['status', '--json'])).stdout) as { leader: string }).leader;
      const before = await leader();
      const { result, failures } = await underRequests(() => scriptsLab(['switchover']));
      expect(result).toMatchObject({ code: 0 });
      expect(failures).toEqual([]);
      expect(await leader()).not.toBe(before);
    },
    drillBoundMs,
  );

  it(
    'keeps every promise while the postmaster of the leader is killed under load',
    () => expectVerdict('postmaster-kill', environment),
    upBoundMs,
  );

  it(
    'changes every certificate and the authority while it works: no request fails',
    async () => {
      const [authority, serial] = [authorities(), await servedSerial()];
      const { result, failures, requests } = await underRequests(() =>
        scriptsLab(['secure', 'rotate', '--authority'], rotateBoundMs),
      );
      expect([result.code, result.output]).toEqual([0, expect.stringContaining('Every part has a new certificate')]);
      expect(failures).toEqual([]);
      expect(requests).toBeGreaterThan(100);
      expect(authorities()).not.toBe(authority);
      expect(await servedSerial()).not.toBe(serial);
      // Nobody trusts the old authority any more, so whoever still shows its certificate is refused here.
      for (const { name, right } of ports) expect([name, await succeeds(right)]).toEqual([name, 'yes']);
      expect((await scriptsLab(['doctor'])).output).toContain('Nothing is wrong');
    },
    rotateBoundMs + upBoundMs,
  );

  it(
    'works behind two proxies as well: no request fails when the one with the virtual IP is killed',
    async () => {
      const { code, output } = await runCommand('scripts/lab', ['up'], withEverything, upBoundMs);
      expect([code, output]).toEqual([0, expect.stringContaining('The lab is up')]);
      for (const { name, right } of ports) expect([name, await succeeds(right)]).toEqual([name, 'yes']);
      await expectVerdict('edge-kill', withEverything);
    },
    2 * upBoundMs + drillBoundMs,
  );

  it(
    'is observed as well, over TLS, by a Prometheus that believes nobody of another authority',
    async () => {
      const isHttps = ({ scrapeUrl }: { scrapeUrl: string }) => scrapeUrl.startsWith('https://');
      await until({ what: 'every target answers', boundMs: probeBoundMs }, async () => {
        const found = await targets();
        const wrong = found.filter(({ health }) => health !== 'up');
        if (wrong.length > 0)
          throw new Error(wrong.map(({ scrapeUrl, lastError }) => `${scrapeUrl}: ${lastError}`).join('; '));
        // Three of etcd and of Patroni, HAProxy on either proxy and by the virtual IP, two of the service.
        return found.filter(isHttps).length === 11 ? true : undefined;
      });
      // By verify-full, and with a certificate: infra/observability/postgres-exporter/launch.sh and secure.yml.
      await until({ what: 'the exporters reach PostgreSQL and Redis', boundMs: probeBoundMs }, async () =>
        (await series('pg_up{job="postgres"} == 1')) === 3 && (await series('redis_up == 1')) === 1 ? true : undefined,
      );

      const file = join(root, secondLab.folder, 'observability/ca.crt');
      const trusted = readFileSync(file);
      try {
        await writeFile(file, await inside(`${foreignCertificate} -keyout /dev/null 2>/dev/null`));
        await until({ what: 'no target is believed over TLS', boundMs: probeBoundMs }, async () =>
          (await targets()).filter(isHttps).every(({ lastError }) => lastError.includes('unknown authority'))
            ? true
            : undefined,
        );
      } finally {
        await writeFile(file, trusted);
      }
      await until({ what: 'every target answers again', boundMs: probeBoundMs }, async () =>
        (await targets()).every(({ health }) => health === 'up') ? true : undefined,
      );
    },
    4 * probeBoundMs,
  );

  it(
    'keeps a backup as well, over TLS and only for who knows a password',
    async () => {
      const lab = (...args: string[]) => runCommand('scripts/lab', args, withEverything, upBoundMs);
      const backedUp = { what: 'the repository has a base backup and receives WAL', boundMs: probeBoundMs };
      await until(backedUp, async () => ((await lab('backup', 'status')).code === 0 ? true : undefined));
      for (const url of ['http://backup:8080/status', 'https://backup:8080/status', 'https://backup:8080/replica'])
        expect([url, await succeeds(lookAt(url))]).toEqual([url, 'no']);
      expect(await succeeds(`${lookAt('https://backup:8080/status').replace('-sf', '-s')}`)).toBe('yes');
      expect(await lab('scale', '4', '--from', 'backup')).toMatchObject({ code: 0 });
      expect(await lab('backup', 'restore', '--to', 'latest')).toMatchObject({ code: 0 });
    },
    2 * upBoundMs,
  );
});
