import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { environmentSchema, parseEnvironment } from '../../../apps/api/src/config/environment.schema.js';
import { generatedFiles } from '../generated.files.js';
import { namesIn } from '../alert.rules.js';
import { policies } from './policies.js';
import {
  environmentOf,
  overlays,
  podOf,
  render,
  whyNotRendered,
  type Container,
  type Loose,
  type Manifest,
  type Overlay,
} from './rendered.js';
import { mistakesIn, published } from './schemas.js';
import { broughtByUser, madeByOperator, madeByScript, secretsNamedIn, servicesByOperator } from './secrets.js';

/** Node's own variables, which the schema of the service does not have. */
const ofNode = new Set(['UV_THREADPOOL_SIZE']);

const clusters = ['zalando', 'cloudnative-pg', 'zalando-backup', 'cloudnative-pg-backup'] as const;

if (whyNotRendered !== undefined) console.warn(`The overlays of infra/kubernetes are not rendered: ${whyNotRendered}`);
// Where everything is tested, a kubectl that is missing is a mistake.
const whereRendered = whyNotRendered === undefined || process.env['CI'] === 'true' ? describe : describe.skip;

const rendered = new Map<Overlay, readonly Manifest[]>();
const of = (overlay: Overlay) => rendered.get(overlay) ?? [];
const find = (manifests: readonly Manifest[], kind: string, name: string) => {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
};
const containerOf = (manifests: readonly Manifest[], kind: string, name: string) =>
  podOf(find(manifests, kind, name))?.containers[0] as Container;

/** The service's view of its variables. Secrets have a value that every bound allows. */
const given = (manifests: readonly Manifest[], kind: string, name: string): Record<string, string> =>
  Object.fromEntries(
    environmentOf(containerOf(manifests, kind, name), manifests).map(({ name: variable, value }) => [
      variable,
      value ?? 's'.repeat(40),
    ]),
  );

/** The cluster of the overlay zalando with the judge's patch. */
function patchedForJudge(): Manifest {
  const cluster = find(of('zalando'), 'postgresql', 'pg-ha');
  const patch = parse(readFileSync('infra/kubernetes/judge/zalando/node-ports.yml', 'utf8'));
  return { ...cluster, spec: { ...cluster['spec'], ...patch.spec } };
}

const nodePortsOf = ({ spec }: Manifest): readonly number[] => [spec.masterNodePort, spec.replicaNodePort];

whereRendered('An overlay of infra/kubernetes', () => {
  beforeAll(() => {
    if (whyNotRendered !== undefined) throw new Error(whyNotRendered);
    for (const overlay of overlays) rendered.set(overlay, render(overlay));
  });

  it.each(overlays)('%s has only resources that the published schemas accept', (overlay) => {
    const mistakes = of(overlay).flatMap((manifest) =>
      mistakesIn(manifest).map((mistake) => `${manifest.kind} ${manifest.metadata.name} ${mistake}`),
    );

    expect(of(overlay).length).toBeGreaterThan(0);
    expect(mistakes).toEqual([]);
  });

  it.each(overlays)('%s puts everything into its own namespace', (overlay) => {
    const elsewhere = of(overlay).filter(
      ({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'pg-ha',
    );

    expect(elsewhere.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
  });

  describe.each(policies)('keeps the policy: $name', ({ broken }) => {
    it.each(overlays)('%s', (overlay) => {
      expect(
        of(overlay).flatMap((manifest) =>
          broken(manifest, of(overlay)).map((what) => `${manifest.metadata.name}: ${what}`),
        ),
      ).toEqual([]);
    });
  });

  it.each(clusters)('%s names only secrets that its operator, scripts/lab or its user makes', (overlay) => {
    const made = new Set([...madeByOperator(of(overlay)), ...madeByScript(overlay), ...broughtByUser]);

    expect(secretsNamedIn(of(overlay)).length).toBeGreaterThan(6);
    expect(secretsNamedIn(of(overlay)).filter((secret) => !made.has(secret))).toEqual([]);
  });

  it.each(clusters)('%s leaves no secret unused that scripts/lab makes for it', (overlay) => {
    const named = new Set(secretsNamedIn(of(overlay)));

    expect(madeByScript(overlay).filter((secret) => !named.has(secret))).toEqual([]);
  });

  it.each(clusters)('%s gives the service variables that it knows, all that it must have, and no others', (overlay) => {
    for (const [kind, name] of [
      ['Deployment', 'api'],
      ['Job', 'prepare'],
    ] as const) {
      const variables = given(of(overlay), kind, name);

      expect(() => parseEnvironment(variables)).not.toThrow();
      expect(
        Object.keys(variables).filter((variable) => !(variable in environmentSchema.shape) && !ofNode.has(variable)),
      ).toEqual([]);
    }
  });

  it.each(clusters)('%s gives the password of the owner to the one that prepares the database alone', (overlay) => {
    const rights = /^DB_(OWNER|ADMIN)_PASSWORD$/;

    expect(Object.keys(given(of(overlay), 'Deployment', 'api')).filter((name) => rights.test(name))).toEqual([]);
    expect(given(of(overlay), 'Job', 'prepare')).toHaveProperty('DB_OWNER_PASSWORD');
  });

  it.each(clusters)('%s leads the service to Services that are there, on the ports that they have', (overlay) => {
    const { DB_WRITE_HOST, DB_READ_HOST, DB_WRITE_PORT, DB_READ_PORT, PATRONI_URLS, REDIS_HOST, REDIS_PORT } =
      parseEnvironment(given(of(overlay), 'Deployment', 'api'));
    const own = new Map(
      of(overlay)
        .filter(({ kind }) => kind === 'Service')
        .map(({ metadata, spec }) => [metadata.name, spec.ports.map(({ port }: { port: number }) => port) as number[]]),
    );
    const theirs = servicesByOperator(of(overlay));

    expect(theirs).toEqual(expect.arrayContaining([DB_WRITE_HOST, DB_READ_HOST]));
    expect([DB_WRITE_PORT, DB_READ_PORT]).toEqual([5432, 5432]);
    expect(own.get(REDIS_HOST ?? '')).toContain(REDIS_PORT);
    for (const url of PATRONI_URLS) expect(own.get(new URL(url).hostname)).toContain(Number(new URL(url).port));
    expect(PATRONI_URLS.length > 0).toBe(overlay.startsWith('zalando'));
  });

  it.each(clusters)('%s lets the service through to what it is led to, and to nothing else', (overlay) => {
    const { egress } = find(of(overlay), 'NetworkPolicy', 'api')['spec'];
    const ports = egress.flatMap((rule: { ports: { port: number }[] }) => rule.ports.map(({ port }) => port));

    expect([...new Set<number>(ports)].toSorted((a, b) => a - b)).toEqual(
      overlay.startsWith('zalando') ? [53, 5432, 6379, 8008] : [53, 5432, 6379],
    );
    const names = egress.filter((rule: object) => !('to' in rule));
    expect(names).toEqual([{ ports: [expect.objectContaining({ port: 53 }), expect.objectContaining({ port: 53 })] }]);
  });

  it.each(clusters)('%s probes paths of the service, on the port that it listens on', (overlay) => {
    const container = containerOf(of(overlay), 'Deployment', 'api') as Loose;
    const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].map((probe) => container[probe].httpGet);
    const controller = readFileSync('apps/api/src/health/health.controller.ts', 'utf8');

    expect(container['ports']).toEqual([
      { name: 'http', containerPort: parseEnvironment(given(of(overlay), 'Deployment', 'api')).PORT },
    ]);
    for (const { path, port } of probes) {
      expect(port).toBe('http');
      expect(controller).toContain(`@Get('${path.replace('/health/', '')}')`);
    }
    expect(probes.map(({ path }) => path)).toEqual(['/health/live', '/health/ready', '/health/live']);
    expect(find(of(overlay), 'Service', 'api')['spec'].ports[0].targetPort).toBe('http');
  });

  it.each(clusters)('%s lets a stopping instance drain and then answer the longest write', (overlay) => {
    const { SHUTDOWN_DRAIN_MS, WRITE_DEADLINE_MS } = parseEnvironment(given(of(overlay), 'Deployment', 'api'));
    const graceMs = (podOf(find(of(overlay), 'Deployment', 'api'))?.terminationGracePeriodSeconds ?? 0) * 1_000;

    expect(graceMs).toBeGreaterThanOrEqual(SHUTDOWN_DRAIN_MS + WRITE_DEADLINE_MS + 5_000);
  });

  it.each(clusters)(
    '%s restarts the service when its configuration changes, by a name that has its hash',
    (overlay) => {
      const [{ configMapRef }] = containerOf(of(overlay), 'Deployment', 'api').envFrom as [
        { configMapRef: { name: string } },
      ];

      expect(configMapRef.name).toMatch(/^api-[a-z0-9]{8,}$/);
    },
  );

  it.each(clusters)('%s finds every file that it mounts, and every object that it names', (overlay) => {
    const names = new Set(of(overlay).map(({ kind, metadata }) => `${kind}/${metadata.name}`));
    for (const manifest of of(overlay)) {
      const pod = podOf(manifest);
      const volumes = new Set(pod?.volumes?.map(({ name }) => name));
      for (const container of pod?.containers ?? [])
        for (const { name } of container.volumeMounts ?? []) expect(volumes).toContain(name);
      for (const { configMap } of pod?.volumes ?? [])
        if (configMap !== undefined) expect(names).toContain(`ConfigMap/${configMap.name}`);
      const refs = manifest['spec']?.bootstrap?.initdb?.postInitApplicationSQLRefs?.configMapRefs ?? [];
      for (const { name, key } of refs)
        expect(Object.keys(find(of(overlay), 'ConfigMap', name)['data'] as object)).toContain(key);
    }
  });

  it.each(clusters)('%s asks for three members, and no commit is acknowledged by the leader alone', (overlay) => {
    const cluster = of(overlay).find(({ kind }) => kind === 'postgresql' || kind === 'Cluster') as Manifest;

    if (cluster.kind === 'Cluster') {
      expect(cluster['spec']).toMatchObject({
        instances: 3,
        postgresql: { synchronous: { method: 'any', number: 1, dataDurability: 'required', failoverQuorum: true } },
        enableSuperuserAccess: false,
      });
    } else {
      expect(cluster['spec']).toMatchObject({
        numberOfInstances: 3,
        patroni: { synchronous_mode: true, synchronous_mode_strict: true, failsafe_mode: true },
      });
      // No login of the service has rights beyond its own.
      expect(cluster['spec'].users).toEqual({ app_owner: [], app_user: [] });
    }
  });

  it('A backup has a folder of its own in the bucket, which a new cluster can change', () => {
    const zalando = find(of('zalando-backup'), 'postgresql', 'pg-ha')['spec'].env as { name: string; value: string }[];
    const cluster = find(of('cloudnative-pg-backup'), 'Cluster', 'pg-ha')['spec'];

    expect(zalando.find(({ name }) => name === 'WAL_BUCKET_SCOPE_SUFFIX')?.value).toMatch(/^\/./);
    expect(cluster.plugins[0].parameters.serverName).toMatch(/^pg-ha-./);
  });

  it.each(['zalando', 'cloudnative-pg'] as const)(
    'judge/%s opens the ports that kind publishes and the target file names',
    (operator) => {
      const services = of(`judge/${operator}`).map(({ spec }) => spec.ports[0].nodePort as number);
      const ports = [...services, ...(operator === 'zalando' ? nodePortsOf(patchedForJudge()) : [])];
      const kind = parse(readFileSync('infra/kubernetes/kind.yml', 'utf8'));
      const onHost = kind.nodes[0].extraPortMappings.map(({ hostPort }: { hostPort: number }) => hostPort);
      const { sql, http } = parse(readFileSync(`infra/targets/${operator}.yml`, 'utf8'));
      const named = [sql.write, sql.read, http].map((url: string) => Number(new URL(url).port));

      expect(ports.toSorted((a, b) => a - b)).toEqual([30_300, 30_500, 30_501]);
      expect(onHost.toSorted((a: number, b: number) => a - b)).toEqual(ports.toSorted((a, b) => a - b));
      expect(named.toSorted((a, b) => a - b)).toEqual(ports.toSorted((a, b) => a - b));
      for (const { metadata, spec } of of(`judge/${operator}`))
        expect({ name: metadata.name, selector: spec.selector }).toMatchObject({ selector: expect.any(Object) });
    },
  );

  it("judge/zalando opens ports of the operator's own Services, in a way that its schema accepts", () => {
    expect(mistakesIn(patchedForJudge())).toEqual([]);
    expect(patchedForJudge()['spec']).toMatchObject({ enableMasterNodePort: true, enableReplicaNodePort: true });
    expect(of('judge/zalando').map(({ metadata }) => metadata.name)).toEqual(['judge-http']);
  });

  it.each(['zalando', 'cloudnative-pg'] as const)(
    'observe/%s misses a pod of those that the overlay asks for',
    (operator) => {
      const { spec } = of(operator).find(({ kind }) => kind === 'postgresql' || kind === 'Cluster') as Manifest;
      const rules = find(of(`observe/${operator}`), 'PrometheusRule', 'pg-ha')['spec'].groups.flatMap(
        (group: { rules: { expr: string }[] }) => group.rules.map(({ expr }) => expr),
      );
      const bounds = [...rules.join('\n').matchAll(/count\(up\{job="(\w+)"\}\) or vector\(0\)\) < (\d+)/g)];

      expect(bounds.map(([, job, bound]) => `${job} ${bound}`)).toEqual([
        `${operator === 'zalando' ? 'patroni' : 'postgres'} ${spec.numberOfInstances ?? spec.instances}`,
        `api ${find(of(operator), 'Deployment', 'api')['spec'].replicas}`,
      ]);
    },
  );

  it.each(['observe/zalando', 'observe/cloudnative-pg'] as const)('%s finds what it watches', (overlay) => {
    const watched = of(overlay.replace('observe/', '') as Overlay);
    for (const { kind, spec } of of(overlay)) {
      if (kind !== 'ServiceMonitor') continue;
      const service = watched.find(
        (other) =>
          other.kind === 'Service' &&
          Object.entries(spec.selector.matchLabels as Record<string, string>).every(
            ([key, value]) => other.metadata.labels?.[key] === value,
          ),
      );
      const ports = service?.['spec'].ports.map(({ name }: { name: string }) => name);
      for (const { port } of spec.endpoints) expect(ports).toContain(port);
    }
  });
});

describe.each(['zalando', 'cloudnative-pg'])('The faults of infra/targets/%s.yml', (operator) => {
  type Fault = { failover?: boolean; expects?: { writeGapMs?: { min?: number } }; inject: string[] };
  const { faults } = parse(readFileSync(`infra/targets/${operator}.yml`, 'utf8')) as { faults: Record<string, Fault> };

  it.each(Object.entries(faults).filter(([name]) => name !== 'replica-delete'))(
    '%s: a run in which nothing happens to the leader does not pass',
    (_, { failover, expects }) => {
      expect(failover === true || (expects?.writeGapMs?.min ?? 0) > 0).toBe(true);
    },
  );

  // It takes the pod out of the API, where the next one may start beside its processes.
  it('force no pod away', () => {
    expect(Object.values(faults).flatMap(({ inject }) => inject.filter((line) => line.includes('--force ')))).toEqual(
      [],
    );
  });
});

describe('The generated manifests of infra/kubernetes', () => {
  it.each([...generatedFiles()])(
    '%s is what its source makes; else: node --import tsx infra/kubernetes/generate.ts',
    (path, text) => {
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it('have rules for CloudNativePG that ask for metrics which its exporter has', () => {
    const known = new Set((published.get('cloudnative-pg.metrics.json') as unknown as { metrics: string[] }).metrics);
    const rules = readFileSync('infra/kubernetes/observe/cloudnative-pg/rules.yml', 'utf8');
    const asked = [...rules.matchAll(/expr: (.*)$/gm)].flatMap(([, expr = '']) => namesIn(expr).metrics);
    const theirs = [...new Set(asked.filter((name) => name.startsWith('cnpg_')))];

    expect(theirs.length).toBeGreaterThan(5);
    // The collector's are in the operator's code, and on the page about monitoring of its documentation.
    expect(theirs.filter((name) => !known.has(name))).toEqual(['cnpg_collector_up']);
  });
});

describe('The schemas', () => {
  const service = (over: object): Manifest => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'x' },
    spec: { ports: [{ port: 80 }] },
    ...over,
  });

  it.each([
    [
      'a field that is misspelt',
      service({ spec: { prots: [] } }),
      '/spec: must NOT have additional properties (prots)',
    ],
    ['a wrong type', service({ spec: { ports: [{ port: '80' }] } }), '/spec/ports/0/port: must be integer'],
    [
      'a field that is missing',
      service({ spec: { ports: [{ name: 'x' }] } }),
      "/spec/ports/0: must have required property 'port'",
    ],
    ['a kind that nobody has published', { ...service({}), kind: 'Servise' }, 'there is no schema for v1/Servise'],
    [
      "quorum commit, which Zalando's operator cannot be asked for",
      {
        apiVersion: 'acid.zalan.do/v1',
        kind: 'postgresql',
        metadata: { name: 'x' },
        spec: {
          teamId: 'x',
          numberOfInstances: 3,
          postgresql: { version: '17' },
          volume: { size: '1Gi' },
          patroni: { synchronous_mode: 'quorum' },
        },
      },
      '/spec/patroni/synchronous_mode: must be boolean',
    ],
  ])('find %s', (_, manifest, mistake) => {
    expect(mistakesIn(manifest as Manifest)).toContain(mistake);
  });

  it('accept a number and a word where the API says either', () => {
    expect(mistakesIn(service({ spec: { ports: [{ port: 80, targetPort: 'http' }] } }))).toEqual([]);
    expect(mistakesIn(service({ spec: { ports: [{ port: 80, targetPort: 3000 }] } }))).toEqual([]);
  });

  it('each say whose they are, of which version and under which licence', () => {
    for (const { from } of published.values())
      expect(from).toMatchObject({
        repository: expect.stringContaining('/'),
        licence: expect.stringMatching(/^(MIT|Apache-2.0)$/),
      });
  });
});

describe('The names in an expression of PromQL', () => {
  it.each([
    ['max by (instance, slot_name) (pg_x{job="a"}) > 2', ['pg_x'], ['a']],
    ['(sum(patroni_primary) or vector(0)) < 1', ['patroni_primary'], []],
    ['min_over_time(max(patroni_timeline)[1m:5s])', ['patroni_timeline'], []],
    ['up{job=~"api|redis", other_label="x_y"} == 0', ['up'], ['api', 'redis']],
    ['a_b and on (member) c_d == 1', ['a_b', 'c_d'], []],
  ])('%s', (expr, metrics, jobs) => {
    expect(namesIn(expr)).toEqual({ metrics, jobs });
  });
});
