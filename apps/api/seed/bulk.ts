import type { Client } from 'pg';

/** Products of one transaction: with customers and orders about 0.3 s, the longest that Ctrl-C has to wait. */
const batchProducts = 10_000;

/** The number of rows there are after a batch. */
export interface Progress {
  readonly products: number;
  readonly of: number;
  readonly added: { readonly customers: number; readonly products: number; readonly orders: number };
}

/** The highest number there is. Batches are committed whole and in order, so all rows below it are there and none above. */
const lastNumber = `
  SELECT substring(name FROM '^Seed product (\\d{1,9})$')::integer AS number
  FROM products WHERE name ~ '^Seed product \\d{1,9}$' ORDER BY id DESC LIMIT 1`;

/**
 * Inserts the rows with numbers $1 to $2 in one statement. PostgreSQL makes the rows itself, so only the two numbers are sent, and
 * no ids come back. Foreign keys are checked at the end of the statement.
 */
const addBatch = `
  WITH new_customers AS (
    INSERT INTO customers (name, email)
    SELECT 'Seed customer ' || n, 'seed-' || n || '@example.com' FROM generate_series($1::integer, $2, 10) AS n
    RETURNING id),
  new_products AS (
    INSERT INTO products (name, price)
    SELECT 'Seed product ' || n, (1 + n % 99999) / 100.0 FROM generate_series($1, $2) AS n
    RETURNING id),
  customer AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM new_customers),
  product AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM new_products),
  new_orders AS (
    INSERT INTO orders (customer_id, product_id, quantity, order_date)
    SELECT customer.id, product.id, 1 + product.n % 5, timestamptz '2026-01-01Z' + product.n * interval '1 minute'
    FROM product JOIN customer ON customer.n = 1 + (product.n - 1) / 10
    RETURNING id)
  SELECT (SELECT count(*)::integer FROM new_customers) AS customers,
         (SELECT count(*)::integer FROM new_products) AS products,
         (SELECT count(*)::integer FROM new_orders) AS orders`;

/** Adds products up to number `rows`, with their orders and customers; yields after each committed batch. */
export async function* addRows(client: Client, rows: number): AsyncGenerator<Progress> {
  const { rows: found } = await client.query<{ number: number }>(lastNumber);
  for (let from = (found[0]?.number ?? 0) + 1; from <= rows; from += batchProducts) {
    const to = Math.min(from + batchProducts - 1, rows);
    const { rows: counts } = await client.query<Progress['added']>(addBatch, [from, to]);
    yield { products: to, of: rows, added: counts[0] ?? { customers: 0, products: 0, orders: 0 } };
  }
}
