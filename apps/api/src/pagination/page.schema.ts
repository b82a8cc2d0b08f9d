import { z } from 'zod';
import { idSchema, inUrl } from '../problem-details/request.schema.js';

/** Query of a list: keyset pagination by id, so that rows written between two pages neither repeat nor hide others. */
export const pageQuerySchema = z.strictObject({
  limit: inUrl(z.number().int().min(1).max(100)).default(20),
  after: inUrl(idSchema).optional(),
});

/** Validated query of a list. */
export type PageQuery = z.output<typeof pageQuerySchema>;
