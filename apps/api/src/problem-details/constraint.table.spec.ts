import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { violatedConstraint } from './constraint.table.js';
import { classifyFailure } from '../../../../libs/postgres-ha/src/index.js';

const failed = (query: string, constraint?: string) =>
  new QueryFailedError(query, [], Object.assign(new Error('violates'), { code: '23503', constraint }));

describe('violatedConstraint', () => {
  it.each([
    // statement, constraint, code, status, member
    ['INSERT INTO customers', 'customers_email_key', 'email_taken', 409, undefined],
    ['INSERT INTO orders', 'orders_customer_id_fkey', 'unknown_reference', 422, 'customerId'],
    ['\n  WITH placed AS (INSERT', 'orders_product_id_fkey', 'unknown_reference', 422, 'productId'],
    ['DELETE FROM "products"', 'orders_product_id_fkey', 'product_has_orders', 409, undefined],
    ['\n delete from products', 'orders_product_id_fkey', 'product_has_orders', 409, undefined],
  ])('%j against %s is %s', (query, constraint, code, status, path) => {
    const problem = violatedConstraint(failed(query, constraint));
    expect(problem).toMatchObject({ code, status });
    const errors = problem?.extensions['errors'] as { path: string }[] | undefined;
    expect(errors?.map((error) => error.path)).toEqual(path === undefined ? undefined : [path]);
  });

  it.each([
    ['another constraint', failed('INSERT INTO products', 'products_price_check')],
    ['a name every object has', failed('INSERT INTO products', 'constructor')],
    ['a side nobody breaks', failed('DELETE FROM customers', 'orders_customer_id_fkey')],
    ['a failure without constraint', failed('SELECT 1')],
    ['another error', Object.assign(new Error('boom'), { constraint: 'customers_email_key' })],
  ])('leaves %s alone', (_, error) => {
    expect(violatedConstraint(error)).toBeUndefined();
  });

  it("gives an error that the failure table classifies as the caller's own, so that nothing runs again", () => {
    const problem = violatedConstraint(failed('INSERT INTO customers', 'customers_email_key'));
    expect(classifyFailure(problem)).toMatchObject({ outcome: 'surface', destroyConnection: false });
  });
});
