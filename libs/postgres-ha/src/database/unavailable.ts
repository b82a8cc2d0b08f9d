import { unavailable } from '../../../../apps/api/src/problem-details/problem.error.js';
import { ProblemError } from '../../../../apps/api/src/problem-details/problem.error.js';
import { classifyFailure, isAccessRefused, type Phase } from './failure.table.js';

const retryAfterSeconds = 2;

/**
 * The problem with which a failure of the database is answered: 503 where trying again can help, `read_only` for a write
 * on the read side, `database_disk_full` where there is no space left, `database_access_refused` where the login is, and the
 * error itself where it is the caller's own.
 *
 * A refused login is answered at once and not waited out, although `scripts/lab up` may mend it within seconds: until
 * somebody does, each request would be held for 30 s in vain, and its client would not learn why.
 */
export function unavailableWhenAway(error: unknown, phase: Phase = 'working'): unknown {
  const { code, fate } = classifyFailure(error, phase);
  if (code === '25006') return new ProblemError('read_only', { cause: error });
  // disk_full. Somebody has to make room. That nothing was written is not said: it may be the repetition of a write that
  // was committed, of which only the counting found no space.
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
      `PostgreSQL says ${code}; this request has written nothing. Check DB_USER, its password and its rights, and DB_NAME; in the lab, run scripts/lab up.`,
      { cause: error, retryAfterSeconds },
    );
  }
  switch (fate) {
    case 'not-committed':
      return unavailable('database_unavailable', 'No node can serve this now; nothing was written.', {
        cause: error,
        retryAfterSeconds,
      });
    case 'ambiguous':
      return unavailable('write_outcome_unknown', 'Look for the row before you repeat the request.', {
        cause: error,
        retryAfterSeconds,
      });
    case 'surface':
      return error;
  }
}
