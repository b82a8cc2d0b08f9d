import { Injectable } from '@nestjs/common';
import { created, servedByFields } from '../../../../libs/postgres-ha/src/index.js';
import { ReadFacade, WriteFacade } from '../../../../libs/postgres-ha/src/nest/index.js';
import { toPage } from '../pagination/page.dto.js';
import type { PageQuery } from '../pagination/page.schema.js';
import { notFound } from '../problem-details/not-found.js';
import type { CustomerRow } from './customer.dto.js';
import type { CustomerInput } from './customer.schema.js';

const customerById = { name: 'customer-by-id', text: 'SELECT id, name, email FROM customers WHERE id = $1' };

const customerPage = 'SELECT id, name, email FROM customers WHERE id > $1 ORDER BY id LIMIT $2';

const insertCustomer = 'INSERT INTO customers (name, email) VALUES ($1, $2) RETURNING id, name, email';

@Injectable()
export class CustomersService {
  constructor(
    private readonly reads: ReadFacade,
    private readonly writes: WriteFacade,
  ) {}

  /** @throws ProblemError `email_taken` */
  async create({ name, email }: CustomerInput) {
    const { body } = await this.writes.run(async (manager, served) => {
      const [customer] = await manager.query<[CustomerRow]>(insertCustomer, [name, email]);
      return created(`/customers/${customer.id}`, { ...customer, ...servedByFields(served) });
    });
    return body;
  }

  async list({ limit, after = 0 }: PageQuery) {
    const { value, served } = await this.reads.run((manager) =>
      manager.query<CustomerRow[]>(customerPage, [after, limit + 1]),
    );
    return toPage(value, limit, (customer) => customer, served);
  }

  async get(id: number) {
    const { value, served } = await this.reads.query<CustomerRow>({ ...customerById, values: [id] });
    return { ...(value[0] ?? notFound('customer', id)), ...servedByFields(served) };
  }
}
