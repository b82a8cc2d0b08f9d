import { describe, expect, it } from '@jest/globals';
import type { IdempotencyKey } from './idempotency.key.js';
import { createKeysTable, IdempotencyStore, keyConstraint } from './idempotency.store.js';

const key: IdempotencyKey = {
  scope: 'POST /things',
  key: "it's",
  fingerprint: Buffer.from('ab', 'hex'),
  isServerMade: false,
};
const answer = { status: 201, headers: { Location: '/things/1' }, body: { name: "O'Brien \\ x" } };

describe('IdempotencyStore', () => {
  const store = new IdempotencyStore('Shop "keys"');

  it('writes to the table in the given schema, whatever the schema is called', () => {
    const table = '"Shop ""keys""".idempotency_keys';
    expect(store.storing(key, answer)).toContain(`INSERT INTO ${table} `);
    expect(store.countingReplay(key)).toContain(`UPDATE ${table} `);
    expect(createKeysTable('Shop "keys"')).toEqual([
      expect.stringContaining(`CREATE TABLE IF NOT EXISTS ${table} (`),
      expect.stringContaining(` ON ${table} (kept_until)`),
    ]);
  });

  it('writes what clients sent as literals, for a statement without parameters', () => {
    const statement = store.storing(key, answer);
    expect(statement).toContain(`'POST /things', 'it''s', '\\xab', 201, '{"Location":"/things/1"}'`);
    expect(statement).toContain(` E'{"name":"O''Brien \\\\\\\\ x"}'`);
  });

  it.each([
    ['a key of the client for a day', false, '24 hours'],
    ['a key made here for an hour', true, '1 hour'],
  ])('keeps %s', (_, isServerMade, interval) => {
    expect(store.storing({ ...key, isServerMade }, answer)).toContain(`now() + '${interval}'`);
  });

  it('stores no body when the answer has none', () => {
    expect(store.storing(key, { ...answer, body: undefined })).toContain(', NULL, now()');
  });

  it('names the constraint that it looks for when a key is taken', () => {
    expect(createKeysTable('public')[0]).toContain(`CONSTRAINT ${keyConstraint} PRIMARY KEY (scope, key)`);
  });
});
