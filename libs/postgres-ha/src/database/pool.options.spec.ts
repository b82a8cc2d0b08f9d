import { describe, expect, it } from '@jest/globals';
import { resolveDatabase } from '../options/resolved.options.js';
import { leaderPoolOptions, poolOptions } from './pool.options.js';

const database = resolveDatabase({
  applicationName: 'shop',
  write: { host: 'leader', port: 5000, poolSize: 10 },
  read: { host: 'replicas', port: 5001, poolSize: 3, maxAgeSeconds: 30 },
  database: 'shop',
  username: 'shop_user',
  password: 'secret',
  functionsSchema: 'cluster',
});

describe('poolOptions', () => {
  it.each([
    // name, host, pool size, role, client-side timeout
    ['write', 'leader', 10, 'leader', undefined],
    ['watch', 'leader', 2, 'leader', 2_000],
    ['read', 'replicas', 3, 'any', 11_000],
  ] as const)('%s: %s, %d connections, to nodes of role %s', (name, host, max, accepts, queryTimeoutMs) => {
    const options = poolOptions(name, database);
    expect(options).toMatchObject({ max, application_name: `shop-${name}`, accepts, functionsSchema: 'cluster' });
    expect(options.directory.hosts).toEqual([{ host, port: expect.any(Number) }]);
    expect(options.query_timeout).toBe(queryTimeoutMs);
  });

  it('lets no session of the read side write, and keeps no more of its connections warm than there may be', () => {
    const options = poolOptions('read', database);
    expect(options).toMatchObject({ warmConnections: 3, maxLifetimeSeconds: 30 });
    expect(options.options).toContain('-c default_transaction_read_only=on');
    expect(poolOptions('write', database).options).not.toContain('read_only');
  });
});

describe('leaderPoolOptions', () => {
  it('is one connection to the leader with a login of its own', () => {
    const login = { name: 'migrations', username: 'owner', password: 'other', lockTimeoutMs: 1 };
    expect(leaderPoolOptions(database, login)).toMatchObject({
      user: 'owner',
      password: 'other',
      application_name: 'shop-migrations',
      max: 1,
      accepts: 'leader',
      warmConnections: 0,
      options: '-c lock_timeout=1',
    });
  });
});
