import { QueryFailedError } from 'typeorm';
import type { ProblemCode } from './problem.catalogue.js';
import { ProblemError } from './problem.error.js';

/** The answer to a broken constraint, and the member of the body that broke it, if one did. */
interface Rule {
  readonly code: ProblemCode;
  readonly path?: string;
  readonly message?: string;
}

/** A foreign key can be broken from two sides: by a row that refers to nothing, or by deleting a row that others refer to. */
interface Rules {
  readonly written?: Rule;
  readonly deleted?: Rule;
}

/** Answers by name of the constraint or unique index. A constraint that is not listed is answered as an internal error. */
const rules: Readonly<Record<string, Rules>> = {
  customers_email_key: { written: { code: 'email_taken' } },
  orders_customer_id_fkey: {
    written: { code: 'unknown_reference', path: 'customerId', message: 'there is no such customer' },
  },
  orders_product_id_fkey: {
    written: { code: 'unknown_reference', path: 'productId', message: 'there is no such product' },
    deleted: { code: 'product_has_orders' },
  },
};

/**
 * The problem for a broken constraint; undefined when the failure is none.
 *
 * The statement tells which side of a foreign key was broken: PostgreSQL gives both the same SQLSTATE (23503; from 18 on, 23001
 * for RESTRICT), and its message, which differs, depends on the language.
 */
export function violatedConstraint(error: unknown): ProblemError | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const { constraint } = error.driverError as { constraint?: string };
  if (constraint === undefined || !Object.hasOwn(rules, constraint)) return undefined;
  const rule = rules[constraint]?.[/^\s*DELETE\b/i.test(error.query) ? 'deleted' : 'written'];
  if (rule === undefined) return undefined;
  const { code, path, message } = rule;
  return new ProblemError(code, {
    cause: error,
    ...(path === undefined ? {} : { extensions: { errors: [{ path, message }] } }),
  });
}
