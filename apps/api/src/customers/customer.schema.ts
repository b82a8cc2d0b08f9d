import { z } from 'zod';
import { nameSchema } from '../problem-details/request.schema.js';

/** The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3, less the angle brackets). */
const maxEmail = 254;

/** Body of a customer as a client sends it; unknown members are refused. */
export const customerSchema = z.strictObject({
  name: nameSchema,
  email: z.email().max(maxEmail).describe('Unique, whatever its case.'),
});

/** Validated body of a create. */
export type CustomerInput = z.output<typeof customerSchema>;
