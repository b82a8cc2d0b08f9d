import type { Completion } from '../history/operation.js';

/** How far a transaction was when it failed. */
export interface FailurePoint {
  /** COMMIT may have been sent. */
  readonly committing: boolean;
  /** The client gave up waiting and cut the connection. */
  readonly timedOut: boolean;
}

/** The outcome after an error, for a client without the service: failed before COMMIT was sent, and unknown after that. */
export function sqlFailure(error: unknown, { committing, timedOut }: FailurePoint): Completion {
  const errorClass = timedOut ? 'client_timeout' : sqlErrorWord(error);
  return { outcome: committing ? 'unknown' : 'failed', errorClass };
}

/** Words for errors to which `pg` gives no code. */
const wordsOfMessages: readonly (readonly [RegExp, string])[] = [
  [/timeout expired|connection timeout/i, 'connect_timeout'],
  [/Connection terminated|Client was closed|not queryable/i, 'connection_terminated'],
];

/** SQLSTATE, Node's error code, or a word for a message that has none. */
export function sqlErrorWord(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as Error & { code?: unknown };
  if (typeof code === 'string' && code !== '') return code;
  return wordsOfMessages.find(([pattern]) => pattern.test(error.message))?.[1] ?? error.name;
}
