import { z } from 'zod';
import { servedBySchema } from '../pagination/served.schema.js';
import { type Served, servedByFields } from '../../../../libs/postgres-ha/src/index.js';
import { bareCustomerSchema } from '../customers/customer.dto.js';
import { pageDtoSchema } from '../pagination/page.dto.js';
import { idSchema } from '../problem-details/request.schema.js';

const bareOrderSchema = z.object({
  id: idSchema,
  customerId: idSchema,
  productId: idSchema,
  quantity: z.number().int(),
  orderDate: z.iso.datetime(),
  customer: bareCustomerSchema,
  product: z.object({ id: idSchema, name: z.string(), price: z.number().describe('As it is now.') }),
});

/** An order as it is answered, with its customer and product. */
export const orderDtoSchema = bareOrderSchema.extend(servedBySchema);

/** A page of orders. */
export const orderPageDtoSchema = pageDtoSchema(bareOrderSchema);

type BareOrder = z.output<typeof bareOrderSchema>;

/** An order as PostgreSQL answers it. */
export interface OrderRow extends Omit<BareOrder, 'orderDate'> {
  readonly orderDate: Date;
}

export function toOrderItem({ orderDate, ...order }: OrderRow): BareOrder {
  return { ...order, orderDate: orderDate.toISOString() };
}

export function toOrderDto(order: OrderRow, served: Served): z.output<typeof orderDtoSchema> {
  return { ...toOrderItem(order), ...servedByFields(served) };
}
