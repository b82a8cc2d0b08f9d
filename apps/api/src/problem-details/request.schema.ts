import { z } from 'zod';

const maxId = 2_147_483_647;

/** An id: a positive 32-bit integer, the range of PostgreSQL's `integer`. */
export const idSchema = z.number().int().min(1).max(maxId);

/** Path parameters of a single thing. */
export const idParamsSchema = z.object({ id: z.coerce.number().pipe(idSchema) });

/** Validated path parameters. */
export type IdParams = z.output<typeof idParamsSchema>;
