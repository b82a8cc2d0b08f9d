import { z } from 'zod';

/** Members of an answer that say who served it; see `servedByFields`. */
export const servedBySchema = {
  servedByNode: z.string().describe('Address of the PostgreSQL node that ran the query.'),
  servedBy: z.object({ member: z.string(), role: z.enum(['leader', 'replica']) }),
};
