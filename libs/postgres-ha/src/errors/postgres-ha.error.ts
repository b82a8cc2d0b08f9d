import { postgresHaErrors, type PostgresHaErrorCode } from './error.catalogue.js';

/** Details of an error of this library. */
export interface PostgresHaErrorOptions extends ErrorOptions {
  /** For the client: what happened this time, and what to do. Names no address, login or value. */
  readonly detail?: string;
  /** HTTP headers of the answer: `Retry-After`, or a `Consistency-Token` to go on with. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The one class of errors that this library throws at its callers. What differs is the code. */
export class PostgresHaError extends Error {
  override readonly name = 'PostgresHaError';
  /** See {@link PostgresHaErrorOptions.detail}. */
  readonly detail: string | undefined;
  /** See {@link PostgresHaErrorOptions.headers}. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: PostgresHaErrorCode,
    { detail, headers = {}, ...options }: PostgresHaErrorOptions = {},
  ) {
    super(detail ?? postgresHaErrors[code].title, options);
    this.detail = detail;
    this.headers = headers;
  }

  /** The HTTP status of the answer. From 500 on the request was not at fault. */
  get status(): number {
    return postgresHaErrors[this.code].status;
  }
}

/** A 503 error that the client may try again after `retryAfterSeconds`. */
export function unavailable(
  code: PostgresHaErrorCode,
  detail: string,
  { retryAfterSeconds, ...options }: ErrorOptions & { readonly retryAfterSeconds: number },
): PostgresHaError {
  return new PostgresHaError(code, { ...options, detail, headers: { 'Retry-After': String(retryAfterSeconds) } });
}
