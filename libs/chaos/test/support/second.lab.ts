const prefix = 'secure-';

/** A secure lab beside the first one, for its profile changes with a new lab only. Its environment goes before that of .env. */
export const secondLab = {
  prefix,
  apiPort: 13_000,
  writePort: 15_000,
  environment: {
    LAB_NAME: 'pg-ha-lab-secure',
    LAB_PREFIX: prefix,
    LAB_NETWORK: '10.213.21',
    LAB_PROFILES: 'secure',
    API_PORT: '13000',
    API1_PORT: '13001',
    API2_PORT: '13002',
    PG_WRITE_PORT: '15000',
    PG_READ_PORT: '15001',
    PG_POOLED_WRITE_PORT: '15010',
    PG_POOLED_READ_PORT: '15011',
    HAPROXY_STATS_PORT: '18404',
    PATRONI1_REST_PORT: '18008',
    PATRONI2_REST_PORT: '18009',
    PATRONI3_REST_PORT: '18010',
    PATRONI4_REST_PORT: '18011',
    REDIS_PORT: '16379',
  },
  /** Its certificates, relative to the root of the repository. */
  folder: '.lab/secure/pg-ha-lab-secure',
} as const;
