import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Constraints and unique indexes have names of their own: `constraint.table.ts` knows them. */
export class CreateCustomersAndOrders1763600300000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE customers (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254)
      )`);
    // One customer per mailbox: the address is stored as it was written and compared without regard to case.
    await queryRunner.query('CREATE UNIQUE INDEX customers_email_key ON customers (lower(email))');
    await queryRunner.query(`
      CREATE TABLE orders (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer_id integer NOT NULL CONSTRAINT orders_customer_id_fkey REFERENCES customers ON DELETE RESTRICT,
        product_id integer NOT NULL CONSTRAINT orders_product_id_fkey REFERENCES products ON DELETE RESTRICT,
        quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
        order_date timestamptz NOT NULL DEFAULT now()
      )`);
    // PostgreSQL indexes only the referenced side. Without these indexes, deleting a product would scan all orders.
    await queryRunner.query('CREATE INDEX orders_customer_id_idx ON orders (customer_id)');
    await queryRunner.query('CREATE INDEX orders_product_id_idx ON orders (product_id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE orders, customers');
  }
}
