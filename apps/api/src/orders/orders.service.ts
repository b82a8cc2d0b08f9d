import { Injectable } from '@nestjs/common';
import { created } from '../../../../libs/postgres-ha/src/index.js';
import { ReadFacade, WriteFacade } from '../../../../libs/postgres-ha/src/nest/index.js';
import { toPage } from '../pagination/page.dto.js';
import type { PageQuery } from '../pagination/page.schema.js';
import { notFound } from '../problem-details/not-found.js';
import { toOrderDto, toOrderItem, type OrderRow } from './order.dto.js';
import type { OrderInput } from './order.schema.js';

/** Selects the orders of `source` with their customers and products in one statement. */
const selectFrom = (source: string) => `
  SELECT o.id, o.customer_id AS "customerId", o.product_id AS "productId", o.quantity, o.order_date AS "orderDate",
         json_build_object('id', c.id, 'name', c.name, 'email', c.email) AS customer,
         json_build_object('id', p.id, 'name', p.name, 'price', p.price) AS product
  FROM ${source} AS o
  JOIN customers AS c ON c.id = o.customer_id
  JOIN products AS p ON p.id = o.product_id`;

const orderById = { name: 'order-by-id', text: `${selectFrom('orders')} WHERE o.id = $1` };

const orderPage = `${selectFrom('orders')} WHERE o.id > $1 ORDER BY o.id LIMIT $2`;

/** PostgreSQL checks foreign keys at the end of the statement, so an unknown customer or product is an error and not an empty answer. */
const insertOrder = `
  WITH placed AS (
    INSERT INTO orders (customer_id, product_id, quantity, order_date)
    VALUES ($1, $2, $3, coalesce($4::timestamptz, now()))
    RETURNING *)
  ${selectFrom('placed')}`;

@Injectable()
export class OrdersService {
  constructor(
    private readonly reads: ReadFacade,
    private readonly writes: WriteFacade,
  ) {}

  /** @throws ProblemError `unknown_reference` */
  async create({ customerId, productId, quantity, orderDate }: OrderInput) {
    // PostgreSQL would store microseconds and the driver returns milliseconds: the answer would differ from the row.
    const placedAt = orderDate === undefined ? null : new Date(orderDate);
    const { body } = await this.writes.run(async (manager, served) => {
      const [order] = await manager.query<[OrderRow]>(insertOrder, [customerId, productId, quantity, placedAt]);
      return created(`/orders/${order.id}`, toOrderDto(order, served));
    });
    return body;
  }

  async list({ limit, after = 0 }: PageQuery) {
    const { value, served } = await this.reads.run((manager) =>
      manager.query<OrderRow[]>(orderPage, [after, limit + 1]),
    );
    return toPage(value, limit, toOrderItem, served);
  }

  async get(id: number) {
    const { value, served } = await this.reads.query<OrderRow>({ ...orderById, values: [id] });
    return toOrderDto(value[0] ?? notFound('order', id), served);
  }
}
