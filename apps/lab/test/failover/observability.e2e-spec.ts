import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards } from '../../../../infra/observability/dashboards/dashboards.js';
import { AlertWatch } from '../../../../libs/chaos/src/alerts/alert.watch.js';
import { expectedAlerts } from '../../../../libs/chaos/src/alerts/expected.alerts.js';
import { faultsNamed } from '../../../../libs/chaos/src/faults/catalogue.js';
import { requiredBehaviour } from '../../../../libs/chaos/src/load/http.client.js';
import { runOnce } from '../../../../libs/chaos/src/runs/run.js';
import { containerOf, docker } from '../../../../libs/chaos/test/support/docker.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { runScript } from '../../../../libs/chaos/test/support/script.js';
import { artifactsFolder, lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { pause, until } from '../../../../libs/cluster/src/wait.js';

/** Three looks of Prometheus. */
const askedBoundMs = 15_000;
const setUpBoundMs = 300_000;
/** Three scrapes, on a slow machine. */
const scrapedBoundMs = 60_000;
/** An alert about an earlier test ends by then: `LeaderChanged` lasts for a minute. */
const calmBoundMs = 150_000;
const calmMs = 20_000;
/** `RedisDown` waits for 15 s after the scrape that misses it. */
const firesBoundMs = 45_000;
const clearsBoundMs = 45_000;

/** Two whose alerts are not those of Redis, and that are over soon: `scripts/lab chaos run FAULT --alerts` does the same. */
const quickFaults = ['etcd-leader-kill', 'standby-kill'];
/** Alerts ask for clients, and not for many: a slow machine must keep up. */
const load = { ratePerSecond: 20, clients: 24 };
/** A fault is held until its alerts have had time to fire; then all of them must clear. */
const runBoundMs = 420_000;

const rules = readFileSync('infra/observability/prometheus/alerts.yml', 'utf8');
/** Metrics that only a part of the lab has which is there on request, and the command for it. */
const onRequest: Readonly<Record<string, string>> = {
  fencing_watching: 'scripts/lab fencing on',
  fencing_decisions_total: 'scripts/lab fencing on',
};
const metric = /\b(?:up|(?:etcd|fencing|haproxy|nodejs|patroni|pg|pgha|process|redis)_\w+)\b/g;
/** What Prometheus itself adds, and what is sent to it. */
const notAsked = ['up', 'pgha_fault_active'];

/** What Prometheus asks, and whether it was answered: `unknown` until it was asked. */
interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

const lab = useLab();
const ownName = uniqueName('observed');
let prometheus: string;
let alertmanager: string;
let wasOn: boolean;

/** Where a container's port is published. */
const originOf = async (service: string, port: number) =>
  `http://${await docker(['port', containerOf(service), String(port)])}`;

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  return (await response.json()) as T;
}

/** The series that answer a query now. @throws Error with what Prometheus says against the query */
async function ask(expr: string): Promise<readonly unknown[]> {
  const answer = await json<{ error?: string; data?: { result: unknown[] } }>(
    `${prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`,
  );
  if (answer.data === undefined) throw new Error(`${expr}: ${answer.error}`);
  return answer.data.result;
}

/** Whether Alertmanager has been told of an alert. */
const isTold = async (alert: string) =>
  (await json<{ labels: Record<string, string> }[]>(`${alertmanager}/api/v2/alerts`)).some(
    ({ labels }) => labels['alertname'] === alert,
  );

/** Uses the service in each way of which a panel shows how often: a write and its repetition, reads of each mode, and the cache. */
async function useService(): Promise<void> {
  const send = async (path: string, headers: Record<string, string> = {}, body?: object) => {
    const response = await fetch(`${settings.apiUrl}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    expect(response.ok).toBe(true);
    return (await response.json()) as { id?: string };
  };
  const key = { 'Idempotency-Key': `"${ownName}"` };
  await send('/products', key, { name: ownName, price: 1 });
  const product = await send('/products', key, { name: ownName, price: 1 });
  for (const mode of ['eventual', 'session', 'strong'])
    await send(`/products/${product.id}`, { 'Read-Consistency': mode });
  const album = await send('/albums', {}, { title: ownName });
  for (let read = 1; read <= 4; read += 1) await send(`/albums/${album.id}`);
}

beforeAll(async () => {
  wasOn = (await lab.containers.list()).some(({ service }) => service === 'prometheus');
  await runScript('lab', 'observe', 'on');
  prometheus = await originOf('prometheus', 9090);
  alertmanager = await originOf('alertmanager', 9093);
  await useService();
}, setUpBoundMs);

afterAll(async () => {
  const leader = await lab.leader();
  await lab.psql(
    leader,
    `DELETE FROM products WHERE name = '${ownName}'; DELETE FROM albums WHERE title = '${ownName}'`,
  );
  if (!wasOn) await runScript('lab', 'observe', 'off');
}, setUpBoundMs);

describe('Prometheus', () => {
  it.each([
    ['configuration', ['check', 'config', '/tmp/prometheus.yml']],
    ['rules', ['check', 'rules', '/observability/alerts.yml']],
    ['tests of the rules', ['test', 'rules', '/observability/alerts.test.yml']],
  ])('finds nothing wrong with its %s', async (_, args) => {
    await expect(docker(['exec', containerOf('prometheus'), 'promtool', ...args])).resolves.toContain('SUCCESS');
  });

  it('gets an answer from every target, and there is one for each part of the lab', async () => {
    const expected = (await lab.containers.list())
      .map(({ service }) => service)
      .filter((service) => /^(etcd|patroni|api|haproxy|redis$|edge|fencing)/.test(service));
    const activeTargets = async () =>
      (await json<{ data: { activeTargets: Target[] } }>(`${prometheus}/api/v1/targets?state=active`)).data
        .activeTargets;
    const isAsked = (targets: readonly Target[], service: string) =>
      targets.some(({ labels, health }) => labels['instance'] === service && health !== 'unknown');
    const targets = await until({ what: 'every part is asked', boundMs: scrapedBoundMs, everyMs: 500 }, async () => {
      const found = await activeTargets();
      return expected.every((service) => isAsked(found, service)) ? found : undefined;
    });
    const unanswered = targets.filter(({ health }) => health === 'down');
    expect(unanswered.map(({ scrapeUrl, lastError }) => [scrapeUrl, lastError])).toEqual([]);
  });

  it('logs in to every member as a role that reads statistics and no rows', async () => {
    // The first question to a member may find its exporter still connecting.
    await until({ what: 'the exporter has asked every member', boundMs: askedBoundMs }, async () =>
      (await ask('pg_up == 1')).length === lab.members.length ? true : undefined,
    );
    expect(await ask('pg_stat_activity_count{usename="monitor"}')).not.toEqual([]);
  });

  it.each([
    [
      'an alert is about',
      [...rules.matchAll(/\n {8}expr:([\s\S]*?)\n {8}(?:for|labels):/g)].map(([, expr = '']) => expr),
    ],
    // Also those that have no value in a healthy lab: a misspelt one would have none, either.
    [
      'a panel shows',
      dashboards.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr))),
    ],
  ])(
    'knows every metric that %s',
    async (_, expressions) => {
      const named = [...new Set(expressions.flatMap((expr) => expr.match(metric) ?? []))];
      expect(named.length).toBeGreaterThan(20);
      const unknown = async () => {
        const { data } = await json<{ data: Record<string, unknown> }>(`${prometheus}/api/v1/metadata`);
        const known = [...Object.keys(data), ...Object.keys(onRequest), ...notAsked];
        // A histogram is known by its name alone.
        return named.filter(
          (name) => !known.includes(name) && !known.includes(name.replace(/_(?:bucket|count|sum)$/, '')),
        );
      };
      await until({ what: 'every metric is known', boundMs: scrapedBoundMs, everyMs: 1_000 }, async () =>
        (await unknown()).length === 0 ? true : undefined,
      ).catch(() => undefined);
      expect(await unknown()).toEqual([]);
    },
    2 * scrapedBoundMs,
  );

  it('tells Alertmanager', async () => {
    const { data } = await json<{ data: { activeAlertmanagers: unknown[] } }>(`${prometheus}/api/v1/alertmanagers`);
    expect(data.activeAlertmanagers).toHaveLength(1);
  });
});

describe.each(dashboards.map(({ title, panels }) => [title, panels] as const))('The dashboard "%s"', (_, panels) => {
  const queries = panels.flatMap(({ title, queries: own }) => own.map((query) => ({ panel: title, ...query })));

  it('has an answer to each of its questions, but for those of which it says why not', async () => {
    const unanswered = async () => {
      const answers = await Promise.all(queries.map(({ expr }) => ask(expr)));
      return queries.filter(({ absentBecause }, index) => absentBecause === undefined && answers[index]?.length === 0);
    };
    await until({ what: 'every query is answered', boundMs: scrapedBoundMs, everyMs: 1_000 }, async () =>
      (await unanswered()).length === 0 ? true : undefined,
    ).catch(() => undefined);
    expect((await unanswered()).map(({ panel, expr }) => ({ panel, expr }))).toEqual([]);
  });
});

describe('A healthy lab', () => {
  it('raises no alert', async () => {
    const watch = new AlertWatch(prometheus, () => performance.now());
    await watch.start();
    try {
      await until({ what: 'no alert fires any more', boundMs: calmBoundMs }, () => (watch.isQuiet ? true : undefined));
      const calmSinceMs = performance.now();
      await pause(calmMs);
      expect(watch.spans().filter(({ firedMs }) => firedMs >= calmSinceMs)).toEqual([]);
      // Nor is one about to: some wait for a minute.
      expect(watch.isQuiet).toBe(true);
    } finally {
      await watch.stop();
    }
  }, 240_000);
});

describe('A Redis that is killed', () => {
  it(`raises one alert within ${firesBoundMs / 1_000} s, which reaches Alertmanager, and clears when it is back`, async () => {
    const watch = new AlertWatch(prometheus, () => performance.now());
    await watch.start();
    try {
      await lab.nemesis.kill('redis');
      await until({ what: 'Alertmanager is told of RedisDown', boundMs: firesBoundMs, everyMs: 500 }, async () =>
        (await isTold('RedisDown')) ? true : undefined,
      );
      await lab.heal();
      await until({ what: 'no alert fires any more', boundMs: clearsBoundMs }, () =>
        watch.isQuiet ? true : undefined,
      );
      expect(watch.spans().map(({ alert }) => alert)).toEqual(['RedisDown']);
      expect(watch.missed).toBe(0);
    } finally {
      await watch.stop();
    }
  }, 240_000);
});

describe('A fault under load', () => {
  it.each(quickFaults)(
    '%s raises its alerts in time and no other one, they clear, and Prometheus knows when it was on',
    async (name) => {
      const [fault] = faultsNamed([name]);
      if (fault === undefined) throw new Error(`there is no fault ${name}`);
      const file = await runOnce({
        lab,
        nemesis: lab.nemesis,
        fault,
        run: 1,
        seed: 1,
        load: { ...load, behaviour: requiredBehaviour },
        folder: join(artifactsFolder, 'alerts'),
        signal: new AbortController().signal,
        say: () => undefined,
        overrides: {},
        prometheus,
      });
      expect(file).toMatchObject({ verdict: { reasons: [] } });
      expect(file).toMatchObject({
        alerts: {
          raised: expect.arrayContaining(
            (expectedAlerts[name]?.raises ?? []).map(({ alert }) =>
              expect.objectContaining({ alert, expected: 'yes' }),
            ),
          ),
        },
      });
      const [mark] = (await ask(`max_over_time(pgha_fault_active{fault="${name}"}[10m])`)) as { value: unknown }[];
      expect(mark?.value).toEqual([expect.any(Number), '1']);
      expect(await ask('pgha_fault_active == 1')).toEqual([]);
    },
    runBoundMs,
  );
});
