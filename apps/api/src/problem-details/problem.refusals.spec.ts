import { describe, expect, it } from '@jest/globals';
import { PostgresHaError } from '../../../../libs/postgres-ha/src/index.js';
import { ProblemError } from './problem.error.js';
import { problemRefusals } from './problem.refusals.js';

describe('problemRefusals', () => {
  it('restores a refusal that was stored as JSON', () => {
    const problem = new ProblemError('unknown_reference', { detail: 'There is none.', extensions: { errors: [1] } });
    const stored = problemRefusals.store(problem);
    expect(stored).toMatchObject({ status: 422 });
    const { code, detail, extensions } = problem;
    expect(problemRefusals.restore(JSON.parse(JSON.stringify(stored)))).toMatchObject({ code, detail, extensions });
  });

  it.each([
    ['a problem of the service', new ProblemError('internal_error')],
    ['an error of the data layer, also where the client is at fault', new PostgresHaError('idempotency_key_reused')],
    ['any other error', new Error('boom')],
  ])('has nothing to store of %s', (_, error) => {
    expect(problemRefusals.store(error)).toBeUndefined();
  });

  it('gives internal_error for a code that this version does not know', () => {
    const stored = { status: 418, body: { code: 'from_another_version' } };
    expect(problemRefusals.restore(stored)).toMatchObject({ code: 'internal_error' });
  });
});
