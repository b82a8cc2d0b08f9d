import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeFunctions } from './database/node.functions.js';
import { installStatements } from './install.js';
import { createKeysTable } from './transactions/idempotency.store.js';

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');

describe('installStatements', () => {
  it('lets the services call the functions, and nobody else', () => {
    const statements = installStatements({ grantTo: ['shop', 'Odd "name"'] });
    expect(statements.at(0)).toBe('CREATE SCHEMA IF NOT EXISTS "postgres_ha"');
    expect(statements.slice(-4)).toEqual([
      expect.stringMatching(/^REVOKE ALL ON FUNCTION .*standby_timeline\(\).* FROM PUBLIC$/),
      'GRANT USAGE ON SCHEMA "postgres_ha" TO "shop", "Odd ""name"""',
      expect.stringMatching(/^GRANT EXECUTE ON FUNCTION (?!.*standby_timeline).* TO "shop", "Odd ""name"""$/),
      'GRANT SELECT, INSERT, UPDATE, DELETE ON "postgres_ha".idempotency_keys TO "shop", "Odd ""name"""',
    ]);
  });

  it('pins the search_path of every function, each of which runs with the rights of a superuser', () => {
    for (const statement of nodeFunctions('a')) {
      expect(statement).toMatch(/SECURITY DEFINER SET search_path = pg_catalog AS/);
    }
  });
});

describe('The table of keys', () => {
  it('is in sql/install.sql as it is here', () => {
    const text = read('../sql/install.sql').replaceAll(
      'postgres_ha.idempotency_keys',
      '"postgres_ha".idempotency_keys',
    );
    for (const statement of createKeysTable('postgres_ha')) expect(text).toContain(`${statement};\n`);
  });
});

describe('The functions', () => {
  it.each([
    ['sql/install.sql', '../sql/install.sql', 'postgres_ha'],
    ["the lab's own schema", '../../../patroni/lab_schema.sql', 'lab'],
  ])('are in %s as they are here', (_title, path, schema) => {
    const text = read(path);
    for (const statement of nodeFunctions(schema)) expect(text).toContain(`${statement};\n`);
  });
});
