import { z } from 'zod';
import { idSchema } from '../problem-details/request.schema.js';

const maxPrice = 9_999_999_999.99;

/** A price: not negative, at most two decimals. */
const priceSchema = z
  .number()
  .min(0)
  .max(maxPrice)
  .refine((price) => Number(price.toFixed(2)) === price, 'must have at most two decimals');

/** NUL is the one character PostgreSQL's text cannot hold. */
const textSchema = z.string().refine((text) => !text.includes('\0'), 'must not contain NUL');

/** What a client says of a product; unknown members are refused. */
export const productSchema = z.strictObject({
  name: textSchema.trim().min(1).max(200),
  price: priceSchema,
});

/** Body of a create or an update. */
export type ProductInput = z.input<typeof productSchema>;

/** Query of the list: keyset pagination by id. */
export const productListSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.coerce.number().pipe(idSchema).optional(),
});

/** Validated query of the list. */
export type ProductListQuery = z.output<typeof productListSchema>;
