import { afterAll } from '@jest/globals';
import type { TestApp } from './app.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';
import { deleteProducts } from './products.js';

/** Makes customers, products and orders with names of their own, and removes them after the tests of the file. */
export class Shop {
  private number = 0;

  constructor(
    private readonly app: () => TestApp,
    readonly prefix: string,
  ) {
    afterAll(() => this.clear());
  }

  /** @returns its id */
  customer(): Promise<number> {
    this.number += 1;
    return this.create('/customers', { name: this.prefix, email: `${this.number}@${this.prefix}.example` });
  }

  /** @returns its id */
  product(): Promise<number> {
    return this.create('/products', { name: this.prefix, price: 1.5 });
  }

  async create(path: string, input: object): Promise<number> {
    const { body } = await this.app().http.post(path).send(input).expect(201);
    return (body as { id: number }).id;
  }

  /** Reads from the leader, because a replica may lag and these tests are not about that. */
  read(path: string) {
    return this.app().http.get(path).set('Read-Consistency', 'strong');
  }

  /** Every row of a list after the id `after`, read in small pages. */
  async walk<Row>(path: string, after: number): Promise<Row[]> {
    const rows: Row[] = [];
    let next: number | null = after;
    while (next !== null) {
      const { body } = await this.read(`${path}?limit=3&after=${next}`).expect(200);
      const page = body as { items: Row[]; nextAfter: number | null };
      rows.push(...page.items);
      next = page.nextAfter;
    }
    return rows;
  }

  /** The number of stored orders of this shop. */
  async orders(): Promise<number> {
    const [count] = await this.sql(`SELECT count(*) FROM orders WHERE customer_id IN (${this.mine})`);
    return Number(count);
  }

  async sql(sql: string): Promise<string[]> {
    return psql(await openLab().leader(), sql);
  }

  private async clear(): Promise<void> {
    await this.sql(`DELETE FROM orders WHERE customer_id IN (${this.mine})`);
    await this.sql(`DELETE FROM customers WHERE id IN (${this.mine})`);
    await deleteProducts(this.prefix);
  }

  private get mine(): string {
    return `SELECT id FROM customers WHERE starts_with(name, '${this.prefix}')`;
  }
}
