import { fileURLToPath } from 'node:url';
import { Lab } from '../../../cluster/src/lab.js';
import { readSettings } from '../../../cluster/src/lab.settings.js';

/** The environment, into which `scripts/test` has put the settings of `.env`. */
const source = process.env;

function required(name: string): string {
  const value = source[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: start the tests with scripts/test`);
  return value;
}

/** Ports and names of the lab under test. */
export const lab = {
  /** Name of the Compose project, by whose label all containers of the lab are found. */
  get project(): string {
    return source['LAB_NAME'] || 'pg-ha-lab';
  },
  get prefix(): string {
    return source['LAB_PREFIX'] ?? '';
  },
  get apiUrl(): string {
    return `http://127.0.0.1:${required('API_PORT')}`;
  },
  /** Each API instance by its own port, without HAProxy. */
  get instanceUrls(): readonly string[] {
    return [required('API1_PORT'), required('API2_PORT')].map((port) => `http://127.0.0.1:${port}`);
  },
  get statsUrl(): string {
    return `http://127.0.0.1:${required('HAPROXY_STATS_PORT')}`;
  },
  get statsCredentials(): string {
    return `${required('HAPROXY_STATS_USER')}:${required('HAPROXY_STATS_PASSWORD')}`;
  },
  get patroniUrls(): readonly string[] {
    return required('PATRONI_URLS').split(',');
  },
  get writePort(): number {
    return Number(required('DB_WRITE_PORT'));
  },
  /** The leader through HAProxy, with the login of the service. */
  get sql(): { host: string; port: number; database: string; user: string; password: string } {
    return {
      host: '127.0.0.1',
      port: this.writePort,
      database: 'app_db',
      user: 'app_user',
      password: required('DB_PASSWORD'),
    };
  },
  /** The leader through the PgBouncer beside it; open with `scripts/lab pooler on`. */
  get pooledWritePort(): number {
    return Number(required('PG_POOLED_WRITE_PORT'));
  },
  /** The replicas through the PgBouncers beside them. */
  get pooledReadPort(): number {
    return Number(required('PG_POOLED_READ_PORT'));
  },
  get readPort(): number {
    return Number(required('DB_READ_PORT'));
  },
  get redisPort(): number {
    return Number(required('REDIS_PORT'));
  },
} as const;

/** The lab under test. */
export const openLab = (): Lab => new Lab(readSettings(source));

/** The folder for logs of failed tests, and for histories and figures of drills; ignored by git. */
export const artifactsFolder = fileURLToPath(new URL('../../../../test-artifacts/', import.meta.url));
