import { z } from 'zod';
import { idSchema } from '../problem-details/request.schema.js';

/** Far below what `integer` holds; a larger quantity is probably a typing error. The table has the same check. */
const maxQuantity = 1_000_000;

/** PostgreSQL has no year 0, and JavaScript no year beyond four digits in this form. */
const orderDateSchema = z.iso
  .datetime()
  .refine((time) => Date.parse(time) >= 0, 'must be a time of 1970 or later')
  .describe('RFC 3339, UTC, kept to the millisecond; the time of the server when absent.');

/** Body of an order as a client sends it; unknown members are refused. */
export const orderSchema = z.strictObject({
  customerId: idSchema,
  productId: idSchema,
  quantity: z.number().int().min(1).max(maxQuantity),
  orderDate: orderDateSchema.optional(),
});

/** Validated body of a create. */
export type OrderInput = z.output<typeof orderSchema>;
