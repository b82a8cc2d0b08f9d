import { z } from 'zod';
import { nameSchema } from '../problem-details/request.schema.js';

const maxPrice = 9_999_999_999.99;

/** A price: not negative, at most two decimals. */
const priceSchema = z
  .number()
  .min(0)
  .max(maxPrice)
  .refine((price) => Number(price.toFixed(2)) === price, 'must have at most two decimals');

/** Body of a product as a client sends it; unknown members are refused. */
export const productSchema = z.strictObject({
  name: nameSchema,
  price: priceSchema,
});

/** Body of a create or an update. */
export type ProductInput = z.input<typeof productSchema>;
