import { PostgresHaError, unavailable } from '../errors/postgres-ha.error.js';
import { classifyFailure, isAccessRefused, type Phase } from './failure.table.js';

const retryAfterSeconds = 2;

/**
 * The error with which a failure of the database is answered: 503 where trying again can help, `read_only` for a write
 * on the read side, `database_disk_full` where no space is left, `database_access_refused` for a refused login, and the error
 * itself where it is the caller's own.
 *
 * A refused login is answered at once and not waited out, although somebody may mend it within seconds: until then each
 * request would be held for its whole deadline in vain, and its client would not learn why.
 */
export function unavailableWhenAway(error: unknown, phase: Phase = 'working'): unknown {
  const { code, outcome } = classifyFailure(error, phase);
  if (code === '25006') return new PostgresHaError('read_only', { cause: error });
  // disk_full. The answer does not say that nothing was written: this may repeat a write that was committed, and only counting
  // the repetition found no space.
  if (code === '53100') {
    return unavailable(
      'database_disk_full',
      'Make room, or let another member lead; repeat a write with the same Idempotency-Key then.',
      { cause: error, retryAfterSeconds },
    );
  }
  if (isAccessRefused(code)) {
    return unavailable(
      'database_access_refused',
      `Access to PostgreSQL fails with ${code}; this request has written nothing. Check the login, its password and its rights, the name of the database, and with TLS the certificates.`,
      { cause: error, retryAfterSeconds },
    );
  }
  switch (outcome) {
    case 'not-committed':
      return unavailable('database_unavailable', 'No node can serve this now; nothing was written.', {
        cause: error,
        retryAfterSeconds,
      });
    case 'unknown':
      return unavailable('write_outcome_unknown', 'Look for the row before you repeat the request.', {
        cause: error,
        retryAfterSeconds,
      });
    case 'surface':
      return error;
  }
}
