/** A title, a text of .env, and the value of X in it. */
export const cases: readonly [string, string, string][];
/** A title, and a line that is refused. */
export const refused: readonly [string, string][];
/** A title, and a line that only Compose takes. */
export const unread: readonly [string, string][];
