import { z } from 'zod';
import { idSchema } from '../problem-details/request.schema.js';

/** Query of a list: keyset pagination by id, so that rows written meanwhile neither repeat nor hide others. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.coerce.number().pipe(idSchema).optional(),
});

/** Validated query of a list. */
export type PageQuery = z.output<typeof pageQuerySchema>;
