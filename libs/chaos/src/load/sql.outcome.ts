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

/** SQLSTATEs of a warning that the wait for a standby was cancelled: by a user, and by the end of the server. */
const syncWaitCancelled = ['01000', '57P01'];

/**
 * The outcome of a COMMIT that was answered. When its wait for a standby is cancelled, PostgreSQL only warns: the commit is on
 * this node, and perhaps on no other. Any other warning is a doubt, too, for example that there was no transaction.
 *
 * @param command what the server says that it has done
 * @param noticeCodes SQLSTATEs of what it said meanwhile; those of class 00 are no warnings
 */
export function commitOutcome(
  command: string,
  noticeCodes: readonly string[],
): Pick<Completion, 'outcome' | 'errorClass' | 'role'> {
  if (command !== 'COMMIT') return { outcome: 'failed', errorClass: 'rolled_back' };
  const warning = noticeCodes.find((code) => !code.startsWith('00'));
  if (warning === undefined) return { outcome: 'ok', role: 'leader' };
  const errorClass = syncWaitCancelled.includes(warning) ? 'sync_wait_cancelled' : warning;
  return { outcome: 'unknown', errorClass, role: 'leader' };
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
