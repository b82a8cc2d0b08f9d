/** What a client is told of a write, and told again when it repeats the request. */
export interface Answer {
  readonly status: number;
  /** Headers that matter to a repetition, for example `Location`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no body. */
  readonly body: unknown;
}

/** 201 with `Location`. */
export function created<T>(location: string, body: T): Answer & { readonly body: T } {
  return { status: 201, headers: { Location: location }, body };
}

/** 200. */
export function ok<T>(body: T): Answer & { readonly body: T } {
  return { status: 200, headers: {}, body };
}

/** 204. */
export const noContent: Answer = { status: 204, headers: {}, body: undefined };
