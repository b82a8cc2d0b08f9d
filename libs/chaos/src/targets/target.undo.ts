import { z } from 'zod';

/** How to undo one thing on a target. Each may be done twice, and where nothing is broken. */
export const targetUndoSchema = z.discriminatedUnion('kind', [
  /** The commands themselves, not their name: the target file may have changed since. */
  z.object({
    kind: z.literal('commands'),
    fault: z.string(),
    commands: z.array(z.union([z.array(z.string()), z.string()])),
    members: z.object({ leader: z.string(), replica: z.string(), replicas: z.string() }),
    folder: z.string(),
    timeoutMs: z.number(),
  }),
  z.object({ kind: z.literal('schema'), token: z.string() }),
  z.object({ kind: z.literal('rows'), prefix: z.string() }),
]);

/** See {@link targetUndoSchema}. */
export type TargetUndo = Readonly<z.infer<typeof targetUndoSchema>>;
