/** What is stored of a refusal: as JSON, under the key of its request. */
export interface StoredRefusal {
  /** From 400 on. */
  readonly status: number;
  readonly body: unknown;
}

/**
 * Tells the library which errors of the application are refusals. A refusal is the caller's error and depends on the data alone (no
 * such row, a name that is taken): it is stored under the key of its request, and a repeated request gets it again.
 */
export interface Refusals {
  /** The application's error for what a unit of work threw, for example for a broken constraint; else what it was given. */
  explain(error: unknown): unknown;
  /** The part of a refusal to be stored; undefined for any other error. */
  store(error: unknown): StoredRefusal | undefined;
  /** Makes the error again from what {@link store} returned, perhaps in an earlier version of the application. */
  restore(stored: StoredRefusal): unknown;
}

/** Stores no refusal: each repetition of a request is judged anew. */
export const noRefusals: Refusals = { explain: (error) => error, store: () => undefined, restore: ({ body }) => body };
