import { z } from 'zod';
import { parseVariables } from '../../../../libs/service-kit/src/environment.parser.js';

export { InvalidEnvironmentError } from '../../../../libs/service-kit/src/environment.parser.js';

const port = (fallback: number, what: string) =>
  z.coerce.number().int().min(1).max(65_535).default(fallback).describe(what);

const milliseconds = (fallback: number, min: number, max: number, what: string) =>
  z.coerce.number().int().min(min).max(max).default(fallback).describe(what);

const splitUrls = (text: string) => text.split(',').map((url) => url.trim().replace(/\/$/, ''));
const urls = z.array(z.url({ protocol: /^https?$/ }));

const memberUrls = z.string().transform(splitUrls).pipe(urls.min(1));

/** An empty variable is an absent one, and an absent one has the lab's URLs: that there are none takes a word. */
const memberUrlsOrNone = z
  .string()
  .transform((text) => (text.trim() === 'none' ? [] : splitUrls(text)))
  .pipe(urls);

const file = (what: string) => z.string().min(1).optional().describe(what);

/**
 * Every variable the service reads: name, type, bounds, default and what it means.
 * Nothing else in the service touches `process.env`.
 */
export const environmentSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('Reported by `/health/version`.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address the HTTP server listens on.'),
  PORT: port(3000, 'Port the HTTP server listens on.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('What is logged.'),
  APP_VERSION: z.string().default('0.1.0').describe('Reported by `/health/version`.'),
  APP_COMMIT: z.string().default('unknown').describe('Source commit, reported by `/health/version`.'),
  HTTP_TLS_CERTIFICATE: file(
    'File with the certificate (PEM) of the HTTP server, which then speaks HTTPS only. Absent: plain HTTP.',
  ),
  HTTP_TLS_KEY: file('File with the key (PEM) of `HTTP_TLS_CERTIFICATE`.'),
  BODY_LIMIT_BYTES: z.coerce.number().int().min(1024).max(10_485_760).default(65_536).describe('Larger bodies: 413.'),

  DB_WRITE_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Host of the leader: whoever forwards to it, HAProxy in the lab.'),
  DB_WRITE_PORT: port(5000, 'Port of the leader there.'),
  DB_READ_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Host of the replicas: whoever spreads connections over them, HAProxy in the lab.'),
  DB_READ_PORT: port(5001, 'Port of the replicas there.'),
  DB_NAME: z.string().min(1).default('app_db').describe('Database.'),
  DB_USER: z.string().min(1).default('app_user').describe('Login of the service: DML only.'),
  DB_PASSWORD: z.string().min(1).describe('Password of `DB_USER`.'),
  DB_OWNER_USER: z.string().min(1).default('app_owner').describe('Login that owns the schema and runs migrations.'),
  DB_OWNER_PASSWORD: z
    .string()
    .min(1)
    .optional()
    .describe('Absent: this instance runs no migrations, and is not ready before somebody else has.'),
  DB_ADMIN_USER: z
    .string()
    .min(1)
    .default('postgres')
    .describe('Superuser that installs functions. Only `prepare.js` uses it, never the service.'),
  DB_ADMIN_PASSWORD: z.string().min(1).optional().describe('Absent: `prepare.js` takes the functions for installed.'),
  DB_ADMIN_SQL: file('Folder of the SQL files that `prepare.js` runs as `DB_ADMIN_USER`, in the order of their names.'),
  DB_TLS_CA: file(
    'File with the authorities (PEM) that sign the certificates of PostgreSQL. Every connection is then encrypted, and the certificate must name the host. Absent: plain text.',
  ),
  DB_TLS_CERTIFICATE: file('File with the certificate (PEM) that the service shows to PostgreSQL; needs `DB_TLS_CA`.'),
  DB_TLS_KEY: file('File with the key (PEM) of `DB_TLS_CERTIFICATE`.'),
  DB_WRITE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(16).describe('Connections at most.'),
  DB_READ_POOL_SIZE: z.coerce.number().int().min(2).max(100).default(16).describe('Connections at most.'),
  DB_CONNECT_TIMEOUT_MS: milliseconds(2_000, 100, 30_000, 'Bound of a connect or of waiting for a pooled connection.'),
  DB_CONCURRENT_CONNECTS: z.coerce
    .number()
    .int()
    .min(0)
    .max(100)
    .default(4)
    .describe(
      'Connections that each pool may open at the same time, and only for requests that wait longer than a connect takes. 0: one for every request that waits, at once.',
    ),
  DB_STATEMENT_TIMEOUT_MS: milliseconds(
    10_000,
    100,
    300_000,
    'PostgreSQL ends a longer statement. Never applies to COMMIT.',
  ),
  DB_SLOW_QUERY_MS: milliseconds(500, 1, 60_000, 'A slower query is logged by name.'),
  DB_CONNECTION_MAX_AGE_SECONDS: z.coerce
    .number()
    .int()
    .min(5)
    .max(3_600)
    .default(30)
    .describe('Read connections are replaced at this age, so that reads return to a replica that came back.'),

  PATRONI_URLS: memberUrlsOrNone
    .default(['http://127.0.0.1:8008', 'http://127.0.0.1:8009', 'http://127.0.0.1:8010'])
    .describe(
      'REST API of members, comma separated; further members are found through them. `none` where there is no Patroni: PostgreSQL is asked instead.',
    ),
  PATRONI_TIMEOUT_MS: milliseconds(1_500, 100, 30_000, 'Bound of one request to the Patroni REST API.'),

  ETCD_URLS: memberUrls
    .optional()
    .describe('Client URLs of the etcd members, comma separated, for `/health`. Absent: etcd is not looked at.'),

  PEER_TLS_CA: file(
    'File with the authorities (PEM) that sign the certificates of Patroni and etcd (where their URLs say `https`) and of Redis (with `REDIS_TLS`). Absent: those of the system.',
  ),
  PEER_TLS_CERTIFICATE: file('File with the certificate (PEM) that the service shows to them; needs `PEER_TLS_CA`.'),
  PEER_TLS_KEY: file('File with the key (PEM) of `PEER_TLS_CERTIFICATE`.'),

  CONSISTENCY_TOKEN_SECRET: z.string().min(32).describe('Signs `Consistency-Token`; the same on every instance.'),
  CONSISTENCY_TOKEN_OTHER_SECRETS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((secret) => secret !== ''))
    .pipe(z.array(z.string().min(32)))
    .describe(
      'Secrets that verify tokens and sign none, comma separated. To rotate: the new one here on every instance, then swap it with `CONSISTENCY_TOKEN_SECRET`, later take the old one away.',
    ),
  CONSISTENCY_TOKEN_TTL_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('Lifetime of a token; an older one: 400.'),
  READ_WAIT_BUDGET_MS: milliseconds(50, 0, 10_000, 'How long a read waits for a replica before it goes to the leader.'),
  READ_DEADLINE_MS: milliseconds(5_000, 100, 60_000, 'How long a read is tried on other nodes when connections fail.'),
  READ_LEADER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(8)
    .describe('Reads that may fall back to the leader at once, so that lagging replicas do not stampede it.'),
  READ_LEADER_QUEUE_MS: milliseconds(500, 0, 10_000, 'How long such a read waits for its turn; then 503.'),
  WRITE_DEADLINE_MS: milliseconds(
    30_000,
    1_000,
    300_000,
    'How long a write, or a read that only the leader may serve, is held and retried. Longer than the TTL of the leader lock.',
  ),
  WRITE_MAX_IN_FLIGHT: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(500)
    .describe(
      'Writes that may be under way or waiting for a leader at once; more: 503. Also reads that only the leader may serve.',
    ),
  STALENESS_SAMPLE_INTERVAL_MS: milliseconds(
    100,
    10,
    10_000,
    'Pace at which the position of the leader is sampled, for bounded reads.',
  ),

  REDIS_HOST: z.string().min(1).optional().describe('Where the cache is. Absent: nothing is cached.'),
  REDIS_PORT: port(6379, 'Port of the cache.'),
  REDIS_PASSWORD: z.string().min(1).optional().describe('Password of the cache.'),
  REDIS_TLS: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether the connection to the cache is encrypted, and its certificate verified.'),
  REDIS_TIMEOUT_MS: milliseconds(50, 5, 5_000, 'Bound of each use of the cache; beyond, the request goes on without.'),
  CACHE_FLOOR_TTL_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .max(86_400)
    .default(600)
    .describe('How long a written resource is protected from being cached as an older replica shows it.'),

  BACKUP_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where the repository of backups tells its status, for `/health`. Absent: backups are not looked at.'),
  BACKUP_PASSWORD: z.string().min(1).optional().describe('What it asks for.'),

  HEALTH_TIMEOUT_MS: milliseconds(2_500, 100, 30_000, 'Bound of each health indicator.'),
  HEALTH_MAX_LAG_BYTES: z.coerce.number().int().min(0).default(33_554_432).describe('More: replication is degraded.'),
  HEALTH_MAX_LAG_SECONDS: z.coerce.number().min(0).default(10).describe('More: replication is degraded.'),
  HEALTH_MAX_BACKUP_AGE_HOURS: z.coerce.number().min(0.1).default(48).describe('Older: the backup is degraded.'),

  SHUTDOWN_DRAIN_MS: milliseconds(
    2_000,
    0,
    60_000,
    'How long a stopping instance serves on while `/health/ready` says no, so that the load balancer turns away first.',
  ),

  // Names and meanings are OpenTelemetry's. The SDK reads some of these from the environment itself; they are listed here to be checked and documented.
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Collector of traces; they go to its `/v1/traces`. Absent, like the next one: no traces.'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where traces go, with the path. Goes before `OTEL_EXPORTER_OTLP_ENDPOINT`.'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/protobuf'])
    .default('http/protobuf')
    .describe("OpenTelemetry's default, and the only one here."),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .optional()
    .describe('Headers that the collector asks for, `name=value` with commas between. Read by the SDK.'),
  OTEL_SDK_DISABLED: z.enum(['true', 'false']).default('false').describe('`true`: no traces.'),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp').describe('`none`: no traces.'),
  OTEL_SERVICE_NAME: z.string().min(1).default('pg-ha-lab-api').describe('Name of the service in traces.'),
  OTEL_RESOURCE_ATTRIBUTES: z
    .string()
    .optional()
    .describe('Attributes of the service in traces, `name=value` with commas between. Read by the SDK.'),
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .default('parentbased_always_on')
    .describe('Which requests are traced. Read by the SDK.'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Which share of them, with a sampler whose name ends in `ratio`. Read by the SDK.'),
});

/** The validated environment. */
export type Environment = z.output<typeof environmentSchema>;

/**
 * Reads the variables this service knows out of `source`; others are ignored.
 *
 * @throws InvalidEnvironmentError listing every problem at once.
 */
export const parseEnvironment = (source: Readonly<Record<string, string | undefined>>): Environment =>
  parseVariables(environmentSchema, source);
