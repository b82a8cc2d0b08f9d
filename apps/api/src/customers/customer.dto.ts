import { z } from 'zod';
import { servedBySchema } from '../pagination/served.schema.js';
import { pageDtoSchema } from '../pagination/page.dto.js';
import { idSchema } from '../problem-details/request.schema.js';

/** A customer as it is stored, and embedded in an order. */
export const bareCustomerSchema = z.object({ id: idSchema, name: z.string(), email: z.string() });

/** A customer as it is answered. */
export const customerDtoSchema = bareCustomerSchema.extend(servedBySchema);

/** A page of customers. */
export const customerPageDtoSchema = pageDtoSchema(bareCustomerSchema);

/** A customer as PostgreSQL answers it. */
export type CustomerRow = z.output<typeof bareCustomerSchema>;
