import { describe, expect, it } from '@jest/globals';
import type { DatabaseOptions } from './postgres-ha.options.js';
import { resolveDatabase, resolveOptions } from './resolved.options.js';

const login = { database: 'shop', username: 'shop_user', password: 'secret' };
const proxies: DatabaseOptions = {
  ...login,
  write: { host: 'proxy', port: 5000 },
  read: { host: 'proxy', port: 5001 },
};

describe('resolveOptions', () => {
  it('needs the database alone, and fills in the rest', () => {
    const { consistency, transactions } = resolveOptions({ database: proxies });
    expect(consistency).toMatchObject({ tokenLifetimeSeconds: 300, waitBudgetMs: 50, deadlineMs: 5_000 });
    expect(transactions).toEqual({ deadlineMs: 30_000, maxInFlight: 500, keysSchema: 'postgres_ha' });
  });

  it('makes a token secret of its own for each, so that none is shared by chance', () => {
    const secrets = [0, 1].map(() => resolveOptions({ database: proxies }).consistency.tokenSecrets[0]?.secret);
    expect(new Set(secrets).size).toBe(2);
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('takes what is given', () => {
    const given = resolveOptions({ database: { ...proxies, slowQueryMs: 7 }, transactions: { deadlineMs: 9 } });
    expect([given.database.slowQueryMs, given.transactions.deadlineMs]).toEqual([7, 9]);
  });
});

describe('resolveDatabase', () => {
  const hosts = [{ host: 'a' }, { host: 'b', port: 6432 }];
  const listed = [
    { host: 'a', port: 5432 },
    { host: 'b', port: 6432 },
  ];

  it.each<[title: string, database: DatabaseOptions, write: object, read: object]>([
    [
      'a proxy pair: one host each',
      proxies,
      { hosts: [{ host: 'proxy', port: 5000 }], poolSize: 16 },
      { hosts: [{ host: 'proxy', port: 5001 }], poolSize: 16, maxAgeSeconds: 30 },
    ],
    [
      "an operator's services, on PostgreSQL's port",
      { ...login, write: { host: 'db-rw', poolSize: 4 }, read: { host: 'db-ro', maxAgeSeconds: 9 } },
      { hosts: [{ host: 'db-rw', port: 5432 }], poolSize: 4 },
      { hosts: [{ host: 'db-ro', port: 5432 }], poolSize: 16, maxAgeSeconds: 9 },
    ],
    [
      'hosts: the same list for both',
      { ...login, hosts, read: { poolSize: 3 } },
      { hosts: listed },
      { hosts: listed, poolSize: 3 },
    ],
  ])('%s', (_title, database, write, read) => {
    expect(resolveDatabase(database)).toMatchObject({ write, read });
  });

  it('refuses an empty list of hosts', () => {
    expect(() => resolveDatabase({ ...login, hosts: [] })).toThrow(RangeError);
  });
});
