import { fileURLToPath } from 'node:url';
import { Lab } from '../../../cluster/src/lab.js';
import { readSettings } from '../../../cluster/src/lab.settings.js';

/** What `scripts/test` has filled from `.env`. */
const source = process.env;

function required(name: string): string {
  const value = source[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: start the tests with scripts/test`);
  return value;
}

/** Where the lab under test listens and how its containers are called. */
export const lab = {
  /** Name of the Compose project: its label finds every container of the lab, however many there are. */
  get project(): string {
    return source['LAB_NAME'] || 'pg-ha-lab';
  },
  get prefix(): string {
    return source['LAB_PREFIX'] ?? '';
  },
  get apiUrl(): string {
    return `http://127.0.0.1:${required('API_PORT')}`;
  },
  /** Each instance by its own port, past HAProxy. */
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
  /** The leader behind HAProxy, as the service's own login. */
  get sql(): { host: string; port: number; database: string; user: string; password: string } {
    return {
      host: '127.0.0.1',
      port: this.writePort,
      database: 'app_db',
      user: 'app_user',
      password: required('DB_PASSWORD'),
    };
  },
  get readPort(): number {
    return Number(required('DB_READ_PORT'));
  },
  get redisPort(): number {
    return Number(required('REDIS_PORT'));
  },
} as const;

/** The lab seen from outside. */
export const openLab = (): Lab => new Lab(readSettings(source));

/** Where failed tests leave logs and drills their histories and measurements; ignored by git. */
export const artifactsFolder = fileURLToPath(new URL('../../../../test-artifacts/', import.meta.url));
