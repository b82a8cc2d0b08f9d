import { describe, expect, it } from '@jest/globals';
import type { DatabaseOptions } from '../options/postgres-ha.options.js';
import { dataSourceOptions, leaderDataSourceOptions } from './data-source.options.js';

const database: DatabaseOptions = {
  applicationName: 'shop',
  write: { host: 'leader', port: 5000, poolSize: 10 },
  read: { host: 'replicas', port: 5001, poolSize: 3, maxAgeSeconds: 30 },
  database: 'shop',
  username: 'shop_user',
  password: 'secret',
  functionsSchema: 'cluster',
  connectTimeoutMs: 2_000,
  concurrentConnects: 4,
  statementTimeoutMs: 10_000,
  slowQueryMs: 500,
  drainMs: 0,
};

describe('dataSourceOptions', () => {
  it.each([
    // name, host, pool size, role, client-side timeout
    ['write', 'leader', 10, 'leader', undefined],
    ['watch', 'leader', 2, 'leader', 2_000],
    ['read', 'replicas', 3, 'any', 11_000],
  ] as const)('%s: %s, %d connections, to nodes of role %s', (name, host, poolSize, accepts, queryTimeoutMs) => {
    const options = dataSourceOptions(name, database);
    expect(options).toMatchObject({ host, poolSize, applicationName: `shop-${name}` });
    expect(options.extra).toMatchObject({ accepts, functionsSchema: 'cluster' });
    expect((options.extra as { query_timeout?: number }).query_timeout).toBe(queryTimeoutMs);
  });

  it('lets no session of the read side write, and keeps no more of its connections warm than there may be', () => {
    const { extra } = dataSourceOptions('read', database);
    expect(extra).toMatchObject({ warmConnections: 3, maxLifetimeSeconds: 30 });
    expect(extra.options).toContain('-c default_transaction_read_only=on');
    expect(dataSourceOptions('write', database).extra.options).not.toContain('read_only');
  });
});

describe('ssl', () => {
  const encrypted = { ...database, ssl: { ca: 'authority' } };
  const login = { name: 'migrations', username: 'owner', password: 'other', lockTimeoutMs: 1 };

  it.each([
    ['write', 'leader', dataSourceOptions('write', encrypted)],
    ['watch', 'leader', dataSourceOptions('watch', encrypted)],
    ['read', 'replicas', dataSourceOptions('read', encrypted)],
    ['migrations', 'leader', leaderDataSourceOptions(encrypted, login)],
  ])('%s connections accept only a certificate for %s', (_, host, { extra }) => {
    expect(extra).toMatchObject({ ssl: { ca: 'authority', host, rejectUnauthorized: true } });
  });
});

describe('leaderDataSourceOptions', () => {
  it('is one connection to the leader with a login of its own', () => {
    const login = { name: 'migrations', username: 'owner', password: 'other', lockTimeoutMs: 1 };
    expect(leaderDataSourceOptions(database, login)).toMatchObject({
      host: 'leader',
      username: 'owner',
      password: 'other',
      applicationName: 'shop-migrations',
      poolSize: 1,
      extra: { accepts: 'leader', warmConnections: 0, options: '-c lock_timeout=1' },
    });
  });
});
