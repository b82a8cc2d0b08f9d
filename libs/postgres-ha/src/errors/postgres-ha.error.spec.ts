import { describe, expect, it } from '@jest/globals';
import { PostgresHaError, unavailable } from './postgres-ha.error.js';

describe('PostgresHaError', () => {
  it('has the status and the title of its code', () => {
    expect(new PostgresHaError('idempotency_key_reused')).toMatchObject({
      code: 'idempotency_key_reused',
      status: 422,
      message: 'The Idempotency-Key was used for another request',
      detail: undefined,
      headers: {},
    });
  });

  it('says in Retry-After when it is worth trying again, and keeps its cause', () => {
    const cause = new Error('connection refused');
    expect(unavailable('database_unavailable', 'Nothing was written.', { cause, retryAfterSeconds: 2 })).toMatchObject({
      status: 503,
      detail: 'Nothing was written.',
      headers: { 'Retry-After': '2' },
      cause,
    });
  });
});
