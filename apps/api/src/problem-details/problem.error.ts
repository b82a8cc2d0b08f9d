import { problems, type ProblemCode } from './problem.catalogue.js';

/** Details of a problem. */
export interface ProblemOptions extends ErrorOptions {
  /** Shown to the client; never a value of a secret, never a stack. */
  readonly detail?: string;
  /** Further members of the problem document, for example `errors`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Response headers, for example `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error with a code of the catalogue. Thrown anywhere, answered by the one filter. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly detail: string | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    { detail, extensions = {}, headers = {}, ...options }: ProblemOptions = {},
  ) {
    super(detail ?? problems[code].title, options);
    this.detail = detail;
    this.extensions = extensions;
    this.headers = headers;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

/** 503 with `Retry-After`, for every dependency that is away. */
export function unavailable(code: ProblemCode, detail: string, options: ErrorOptions & { retryAfterSeconds: number }) {
  return new ProblemError(code, {
    detail,
    headers: { 'Retry-After': String(options.retryAfterSeconds) },
    ...(options.cause === undefined ? {} : { cause: options.cause }),
  });
}
