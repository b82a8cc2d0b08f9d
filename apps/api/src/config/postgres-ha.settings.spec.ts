import { describe, expect, it } from '@jest/globals';
import { parseEnvironment } from './environment.schema.js';
import { postgresHaSettings } from './postgres-ha.settings.js';

const settingsOf = (variables: Record<string, string>) =>
  postgresHaSettings(
    parseEnvironment({ DB_PASSWORD: 'secret', CONSISTENCY_TOKEN_SECRET: 's'.repeat(32), ...variables }),
  );

describe('postgresHaSettings', () => {
  it('keeps the two sides of the database apart', () => {
    const { database } = settingsOf({
      DB_WRITE_HOST: 'writes',
      DB_WRITE_PORT: '1',
      DB_WRITE_POOL_SIZE: '2',
      DB_READ_HOST: 'reads',
      DB_READ_PORT: '3',
      DB_READ_POOL_SIZE: '4',
    });
    expect(database.write).toEqual({ host: 'writes', port: 1, poolSize: 2 });
    expect(database.read).toMatchObject({ host: 'reads', port: 3, poolSize: 4 });
  });

  it('gives reads and writes each their own deadline', () => {
    const { consistency, transactions } = settingsOf({ READ_DEADLINE_MS: '1000', WRITE_DEADLINE_MS: '2000' });
    expect([consistency?.deadlineMs, transactions?.deadlineMs]).toEqual([1_000, 2_000]);
  });
});
