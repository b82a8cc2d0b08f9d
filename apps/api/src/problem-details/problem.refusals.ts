import type { Refusals, StoredRefusal } from '../../../../libs/postgres-ha/src/index.js';
import { violatedConstraint } from './constraint.table.js';
import { isProblemCode } from './problem.catalogue.js';
import { ProblemError, type ProblemOptions } from './problem.error.js';

/** How the data layer stores a refusal of this service under an Idempotency-Key, and gives it again. */
export const problemRefusals: Refusals = {
  explain: (error) => violatedConstraint(error) ?? error,
  store,
  restore,
};

function store(error: unknown): StoredRefusal | undefined {
  if (!(error instanceof ProblemError) || error.status >= 500) return undefined;
  const { status, code, detail, extensions } = error;
  return { status, body: { code, detail, extensions } };
}

/** A stored code that is not in the catalogue comes from another version of this service. */
function restore({ body }: StoredRefusal): ProblemError {
  const { code, ...options } = body as { code: string } & ProblemOptions;
  return isProblemCode(code) ? new ProblemError(code, options) : new ProblemError('internal_error');
}
