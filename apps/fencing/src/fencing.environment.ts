import { z } from 'zod';

const milliseconds = (fallback: number, min: number, max: number, what: string) =>
  z.coerce.number().int().min(min).max(max).default(fallback).describe(what);

const url = z.url({ protocol: /^https?$/ });
const file = (what: string) => z.string().min(1).optional().describe(what);

/** Every variable the fencing service reads: name, type, bounds, default and what it means. */
export const fencingSchema = z.object({
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  PORT: z.coerce.number().int().min(1).max(65_535).default(9105).describe('Serves /metrics and /health.'),
  DOCKER_URL: url.describe('Docker API over HTTP; three GET routes are enough (infra/docker-gate).'),
  COMPOSE_PROJECT: z.string().min(1).describe('Only containers of this Compose project are watched.'),
  CONTAINER_PREFIX: z.string().default('').describe("Before the member's name in the name of its container."),
  ETCD_URLS: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim().replace(/\/$/, '')))
    .pipe(z.array(url).min(1))
    .describe('Client URL of each etcd member, comma separated.'),
  ETCD_USER: z.string().min(1).optional().describe('Login of an etcd that asks for one; needs `ETCD_PASSWORD`.'),
  ETCD_PASSWORD: z.string().min(1).optional().describe('Password of `ETCD_USER`.'),
  PEER_TLS_CA: file('File with the authorities (PEM) that sign the certificates of etcd, where its URLs say `https`.'),
  PEER_TLS_CERTIFICATE: file('File with the certificate (PEM) that is shown to etcd; needs `PEER_TLS_CA`.'),
  PEER_TLS_KEY: file('File with the key (PEM) of `PEER_TLS_CERTIFICATE`.'),
  PATRONI_NAMESPACE: z
    .string()
    .regex(/^[^/]+$/)
    .default('service'),
  PATRONI_SCOPE: z
    .string()
    .regex(/^[^/]+$/)
    .describe('Name of the cluster: SCOPE of its members.'),
  REQUEST_TIMEOUT_MS: milliseconds(1_000, 50, 10_000, 'Bound of one request to Docker or to one etcd member.'),
  DOUBT_DEADLINE_MS: milliseconds(
    15_000,
    0,
    60_000,
    'How long a death is looked at again while Docker or etcd does not answer. Then the TTL decides.',
  ),
  DOUBT_PAUSE_MS: milliseconds(200, 10, 10_000, 'Pause between two such looks.'),
  GRAVE_TTL_SECONDS: z.coerce
    .number()
    .int()
    .min(5)
    .max(120)
    .default(20)
    .describe(
      "How long the dead member's key stays, without the address at which candidates would wait for an answer.",
    ),
});

/** The validated environment. */
export type FencingEnvironment = z.output<typeof fencingSchema>;
