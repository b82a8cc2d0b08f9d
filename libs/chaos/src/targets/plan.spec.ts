import { expect, it } from '@jest/globals';
import { tooFewClients } from './plan.js';

const endpoint = { host: 'db', port: 5432, user: 'judge', database: 'shop', tls: { mode: 'disable' } } as const;
const sql = { write: endpoint, identity: 'x' };

it.each([
  ['writes only', { sql, http: undefined }, 6],
  ['replicas, too', { sql: { ...sql, read: endpoint }, http: undefined }, 8],
  ['replicas and a service', { sql: { ...sql, read: endpoint }, http: 'http://x' }, 16],
])('A plan has two clients of each kind at least: %s', (_, reached, least) => {
  const target = { name: 'shop', ...reached };
  expect(tooFewClients({ target, clients: least })).toBeUndefined();
  expect(tooFewClients({ target, clients: least - 1 })).toContain(`give ${least} or more`);
});
