import { z } from 'zod';

const maxId = 2_147_483_647;

/** An id: a positive 32-bit integer, the range of PostgreSQL's `integer`. */
export const idSchema = z.number().int().min(1).max(maxId);

/** Path parameters of a single thing. */
export const idParamsSchema = z.object({ id: z.coerce.number().pipe(idSchema) });

/** Validated path parameters. */
export type IdParams = z.output<typeof idParamsSchema>;

/** Text as PostgreSQL can hold it in UTF-8: neither NUL nor half of a surrogate pair, which would come back changed. */
export const textSchema = z
  .string()
  .refine((text) => !/[\0\p{Surrogate}]/u.test(text), 'must be Unicode text without NUL');

/** A name or a title: trimmed, 1 to 200 characters. */
export const nameSchema = textSchema.trim().min(1).max(200);
