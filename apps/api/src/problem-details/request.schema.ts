import { z } from 'zod';

const maxId = 2_147_483_647;

/** An id: a positive 32-bit integer, the range of PostgreSQL's `integer`. */
export const idSchema = z.number().int().min(1).max(maxId);

/**
 * A whole number in a path or a query, in one spelling only, so that a resource has one address: `Number` would also read `0x10`,
 * `1e3`, `01` and `+1`.
 */
export const inUrl = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((text) => (typeof text === 'string' && decimal.test(text) ? Number(text) : text), schema);

const decimal = /^(?:0|[1-9]\d*)$/;

/** Path parameters of a single resource. */
export const idParamsSchema = z.object({ id: inUrl(idSchema) });

/** Validated path parameters. */
export type IdParams = z.output<typeof idParamsSchema>;

/** Text as PostgreSQL can hold it in UTF-8: neither NUL nor half of a surrogate pair, which would come back changed. */
export const textSchema = z
  .string()
  .refine((text) => !/[\0\p{Surrogate}]/u.test(text), 'must be Unicode text without NUL');

/** A name or a title: trimmed, 1 to 200 characters. */
export const nameSchema = textSchema.trim().min(1).max(200);
