import { z } from 'zod';
import { servedBySchema } from './served.schema.js';
import { type Served, servedByFields } from '../../../../libs/postgres-ha/src/index.js';
import { idSchema } from '../problem-details/request.schema.js';

/** A page of `item`, as it is answered. */
export const pageDtoSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    nextAfter: idSchema.nullable().describe('Pass as `after` to go on; null at the end.'),
    ...servedBySchema,
  });

/** Makes a page of `rows`. The query asks for `limit + 1` of them: one more than the page holds means that there is a next page. */
export function toPage<Row, Item extends { readonly id: number }>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  served: Served,
) {
  const items = rows.slice(0, limit).map(toItem);
  const nextAfter = rows.length > limit ? (items.at(-1)?.id ?? null) : null;
  return { items, nextAfter, ...servedByFields(served) };
}
