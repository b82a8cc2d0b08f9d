import { z } from 'zod';
import { servedBySchema } from '../pagination/served.schema.js';
import { type Served, servedByFields } from '../../../../libs/postgres-ha/src/index.js';
import { pageDtoSchema } from '../pagination/page.dto.js';
import { idSchema } from '../problem-details/request.schema.js';

const bareProductSchema = z.object({
  id: idSchema,
  name: z.string(),
  price: z.number().describe('Decimal with two places.'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** A product as it is answered. */
export const productDtoSchema = bareProductSchema.extend(servedBySchema);

/** A page of products. */
export const productPageDtoSchema = pageDtoSchema(bareProductSchema);

const sightingSchema = z.object({
  found: z.boolean().describe('Whether the new row was there.'),
  ...servedBySchema,
  lsn: z.string().describe('Replayed position of a replica, flushed position of the leader, read before the row.'),
  lagBytes: z.number().int().describe('How far `lsn` was behind the commit; 0 when it had reached it.'),
  elapsedMs: z.number().describe('From sending the read to its answer.'),
});

/** How each kind of read saw a row that had just been committed. */
export const readYourWritesDtoSchema = z.object({
  product: productDtoSchema,
  commit: z.object({ lsn: z.string(), elapsedMs: z.number() }),
  replicaRead: sightingSchema,
  leaderRead: sightingSchema,
  tokenGuardedRead: sightingSchema.describe("With the write's own position, as a client that sends its token back."),
});

/** Who answered a read of the demo, and what it saw. */
export type Sighting = z.output<typeof sightingSchema>;

type BareProduct = z.output<typeof bareProductSchema>;

/** What an answer shows of a product, whether it comes as an entity or as a row. */
export interface ProductView {
  readonly id: number;
  readonly name: string;
  readonly price: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function toProductItem(product: ProductView): BareProduct {
  const { id, name, price, createdAt, updatedAt } = product;
  return { id, name, price, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

export function toProductDto(product: ProductView, served: Served): z.output<typeof productDtoSchema> {
  return { ...toProductItem(product), ...servedByFields(served) };
}
