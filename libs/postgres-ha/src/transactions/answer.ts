/** Answer to a write. It is stored, and given again when the client repeats the request. */
export interface Answer {
  readonly status: number;
  /** Headers that a repeated request gets, too, for example `Location`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when the answer has no body. */
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
