/**
 * What became of a transaction whose statement or connection failed.
 *
 * - `not-committed`: certainly rolled back; running the whole unit again is safe.
 * - `unknown`: COMMIT (or an autocommit write) was sent and no answer came; the row may be there.
 * - `surface`: the error goes to the caller, because it is the caller's own, or running again would only repeat it.
 */
export type TransactionOutcome = 'not-committed' | 'unknown' | 'surface';

/** How far a unit of work had come: `committing` from the moment COMMIT may have left this process. */
export type Phase = 'working' | 'committing';

/** The verdict on one failure. */
export interface Failure {
  /** SQLSTATE, errno code or a name given here to a message without a code. */
  readonly code: string;
  readonly outcome: TransactionOutcome;
  /** The connection is dead, dying, or speaks to a node of the wrong role: it must not go back to the pool. */
  readonly destroyConnection: boolean;
}

interface Rule {
  readonly working: TransactionOutcome;
  readonly committing: TransactionOutcome;
  readonly destroyConnection: boolean;
}

const retry: Rule = { working: 'not-committed', committing: 'not-committed', destroyConnection: false };
const retryElsewhere: Rule = { ...retry, destroyConnection: true };
const cut: Rule = { working: 'not-committed', committing: 'unknown', destroyConnection: true };
const surface: Rule = { working: 'surface', committing: 'surface', destroyConnection: false };

/** Code of the error with which a pool refuses a connection to a node of the wrong role. */
export const WRONG_ROLE = 'WRONG_ROLE';

/** Code of the error when the server would only speak plain text and the client does not. */
const TLS_UNSUPPORTED = 'TLS_UNSUPPORTED';

/** How Node names a certificate that it does not accept, and OpenSSL one that the server did not accept. */
const untrusted =
  /^(UNABLE_TO_|SELF_SIGNED_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|CERT_|ERR_TLS_CERT_ALTNAME_INVALID$|ERR_SSL_.*ALERT_(.*CERTIFICATE|UNKNOWN_CA))/;

/** Code of the error when no connection could be made in time. */
export const CONNECT_TIMEOUT = 'CONNECT_TIMEOUT';

/** Code of the error with which a pool gives up waiting for a free connection. */
export const ACQUIRE_TIMEOUT = 'ACQUIRE_TIMEOUT';

/** SQLSTATE lock_not_available: another transaction held the lock for longer than `lock_timeout`. */
export const LOCK_NOT_AVAILABLE = '55P03';

/** Code of the error when no source could tell the history of timelines. */
export const HISTORY_UNAVAILABLE = 'HISTORY_UNAVAILABLE';

/**
 * SQLSTATEs (PostgreSQL documentation, appendix A), errno codes of the socket, and messages of pg and pg-pool
 * that carry no code. The longest matching key wins, so `08004` beats its class `08`.
 */
const rules: Readonly<Record<string, Rule>> = {
  '40001': retry, // serialization_failure; on a standby: conflict with recovery
  '40P01': retry, // deadlock_detected
  [LOCK_NOT_AVAILABLE]: retry,
  '53300': retryElsewhere, // too_many_connections: refused before a session began
  '57P03': retryElsewhere, // cannot_connect_now: starting up, shutting down or in recovery
  '25006': retryElsewhere, // read_only_sql_transaction: this is no leader (any more)
  '25P03': retryElsewhere, // idle_in_transaction_session_timeout
  '57P05': retryElsewhere, // idle_session_timeout
  '08001': retryElsewhere, // sqlclient_unable_to_establish_sqlconnection
  '08004': retryElsewhere, // sqlserver_rejected_establishment_of_sqlconnection
  '57014': { ...cut, destroyConnection: false }, // query_canceled
  '57P01': cut, // admin_shutdown
  '57P02': cut, // crash_shutdown
  '08': cut, // connection exceptions
  '40003': { working: 'unknown', committing: 'unknown', destroyConnection: true }, // statement_completion_unknown

  [WRONG_ROLE]: retryElsewhere,
  ECONNREFUSED: retryElsewhere,
  ENOTFOUND: retryElsewhere,
  EAI_AGAIN: retryElsewhere,
  EHOSTUNREACH: cut,
  ENETUNREACH: cut,
  ECONNRESET: cut,
  ECONNABORTED: cut,
  EPIPE: cut,
  ETIMEDOUT: cut,

  [HISTORY_UNAVAILABLE]: retry,
  [CONNECT_TIMEOUT]: retryElsewhere,
  [ACQUIRE_TIMEOUT]: retry,
  NOT_CONNECTED: retry,
  CONNECTION_TERMINATED: cut,
  READ_TIMEOUT: cut,
};

const codesOfMessages: readonly (readonly [RegExp, string])[] = [
  [/^timeout exceeded when trying to connect/, ACQUIRE_TIMEOUT],
  [/^Connection terminated due to connection timeout|^timeout expired/, CONNECT_TIMEOUT],
  [/^Driver not Connected|is not initialized|Connection is not established/i, 'NOT_CONNECTED'],
  [
    /^Connection terminated|^Client was closed|not queryable|write after end|This socket has been ended/,
    'CONNECTION_TERMINATED',
  ],
  [/^The server does not support SSL connections/, TLS_UNSUPPORTED],
  // TypeORM releases a connection as soon as it dies. The next statement of the same work then fails with this message.
  [/^Query runner already released/, 'CONNECTION_TERMINATED'],
  [/^Query read timeout/, 'READ_TIMEOUT'],
];

/** Whether an encrypted connection broke after it was made. */
const breaksTls = (code: string) => code.startsWith('ERR_SSL_') && !untrusted.test(code);

/** Decides what a failure means for the unit of work and for the connection it happened on. */
export function classifyFailure(error: unknown, phase: Phase = 'working'): Failure {
  const code = codeOf(error);
  const rule = rules[code] ?? rules[code.slice(0, 2)] ?? (breaksTls(code) ? cut : surface);
  return { code, outcome: rule[phase], destroyConnection: rule.destroyConnection };
}

/**
 * Whether the server refuses the service itself: its login (class 28), its database (3D000), or a right it lacks (42501); or one of the
 * two does not accept the other's certificate.
 * Waiting does not help and the request is not at fault: a person has to change the configuration.
 */
export function isAccessRefused(code: string): boolean {
  return (
    code.startsWith('28') || code === '3D000' || code === '42501' || code === TLS_UNSUPPORTED || untrusted.test(code)
  );
}

/** Whether a connection on which the server reported this SQLSTATE must leave the pool. */
export function endsConnection(sqlState: string): boolean {
  return (rules[sqlState] ?? rules[sqlState.slice(0, 2)])?.destroyConnection ?? false;
}

/** SQLSTATE or errno of an error, through TypeORM's `driverError`; a name from this table where pg gives none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  const { code, driverError } = error as Error & { code?: unknown; driverError?: unknown };
  if (typeof code === 'string' && code !== '') return code;
  if (driverError instanceof Error && driverError !== error) return codeOf(driverError);
  return codesOfMessages.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'UNKNOWN';
}
