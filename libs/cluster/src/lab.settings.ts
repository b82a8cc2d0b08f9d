import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65_535);

const settingsSchema = z.object({
  LAB_NAME: z.string().min(1).default('pg-ha-lab').describe('Compose project: its label finds the containers.'),
  LAB_PREFIX: z.string().default('').describe('Goes before the name of each container.'),
  LAB_SCOPE: z.string().min(1).describe('Name of the cluster: the keys of Patroni in etcd are under it.'),
  LAB_SCHEME: z
    .enum(['http', 'https'])
    .default('http')
    .describe('How its HTTP ports are asked; with https its PostgreSQL speaks TLS, too.'),
  API_PORT: port.describe('The API behind HAProxy.'),
  API1_PORT: port.describe('Each instance of the API by itself.'),
  API2_PORT: port,
  HAPROXY_STATS_PORT: port,
  HAPROXY_STATS_USER: z.string().min(1),
  HAPROXY_STATS_PASSWORD: z.string().min(1),
  PROMETHEUS_PORT: port.describe('Prometheus, when the lab is observed.'),
  DB_WRITE_PORT: port.describe('HAProxy to the leader.'),
  DB_READ_PORT: port.describe('HAProxy to the replicas.'),
  DB_PASSWORD: z.string().min(1).describe('Of app_user.'),
  PATRONI_URLS: z
    .string()
    .transform((urls) => urls.split(','))
    .describe('REST API of each member in the order of their names: as many as there are members.'),
});

/** Ports, names and passwords of the lab; `scripts/lab chaos` exports them from `.env`. */
export type LabSettings = z.output<typeof settingsSchema>;

/** The origin at which a published HTTP port is asked. */
export const originOf = ({ LAB_SCHEME }: Pick<LabSettings, 'LAB_SCHEME'>, publishedPort: number): string =>
  `${LAB_SCHEME}://127.0.0.1:${publishedPort}`;

/** Reads the settings. @throws Error with the names of those that are missing or wrong, without their values */
export function readSettings(source: Readonly<Record<string, string | undefined>>): LabSettings {
  const { success, data, error } = settingsSchema.safeParse(source);
  if (success) return data;
  const names = error.issues.map(({ path }) => String(path[0]));
  throw new Error(`not set or wrong: ${[...new Set(names)].join(', ')}; start the tool with scripts/lab chaos`);
}
