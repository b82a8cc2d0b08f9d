import { z } from 'zod';

/** The database in which something was made: journals are found by the name of their target, and another file may have it. */
const placeSchema = z.object({ host: z.string(), port: z.number(), database: z.string() });

/** See {@link placeSchema}. */
export type Place = Readonly<z.infer<typeof placeSchema>>;

/** Why something cannot be undone in a database: it was made in another one. Undefined where it can. */
export const whyElsewhere = (made: Place, now: Place): string | undefined =>
  made.host === now.host && made.port === now.port && made.database === now.database
    ? undefined
    : `made in ${shownPlace(made)}, and sql.write is ${shownPlace(now)} now: heal by the target file of then`;

const shownPlace = ({ host, port, database }: Place): string => `${database} on ${host}:${port}`;

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
  z.object({ kind: z.literal('schema'), token: z.string(), at: placeSchema }),
  z.object({ kind: z.literal('rows'), prefix: z.string(), at: placeSchema }),
]);

/** See {@link targetUndoSchema}. */
export type TargetUndo = Readonly<z.infer<typeof targetUndoSchema>>;
