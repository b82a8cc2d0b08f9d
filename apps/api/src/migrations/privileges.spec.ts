import { expect, it } from '@jest/globals';
import { privileges } from './privileges.js';

it('The rights of the service name database, owner and login, and nobody else', () => {
  const statements = privileges({ database: 'app_db', owner: 'app_owner', user: 'odd"name' }).join('\n');

  expect(statements).toContain('GRANT CONNECT ON DATABASE "app_db" TO "app_owner", "odd""name"');
  expect(statements).not.toMatch(/CREATE|TRUNCATE|SUPERUSER|GRANT ALL/);
  expect(statements).toContain('REVOKE TEMPORARY ON DATABASE "app_db" FROM PUBLIC');
  expect(statements).not.toMatch(/REVOKE (ALL|CONNECT)[^;\n]* ON DATABASE/);
  expect([...statements.matchAll(/ TO (.*)$/gm)].map(([, to]) => to)).not.toContain('PUBLIC');
});
