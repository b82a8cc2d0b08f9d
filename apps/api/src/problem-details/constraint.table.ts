import { QueryFailedError } from 'typeorm';
import type { ProblemCode } from './problem.catalogue.js';
import { ProblemError } from './problem.error.js';

/** How a broken constraint is answered, and which member of the body broke it, if one did. */
interface Rule {
  readonly code: ProblemCode;
  readonly path?: string;
  readonly message?: string;
}

/** A foreign key is broken from two sides: by a row that names nothing, or by deleting what rows name. */
interface Rules {
  readonly written?: Rule;
  readonly deleted?: Rule;
}

/** By name of the constraint or unique index. One that is not listed is a bug of ours, and answered as such. */
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
 * The problem a broken constraint stands for, or undefined where the failure is none: then it is not the caller's own.
 *
 * Which side of a foreign key broke it is told by the statement: PostgreSQL gives both the same SQLSTATE (23503; from 18
 * on, 23001 for RESTRICT) and tells them apart only in words that depend on its language.
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
