/** What is stored of a refusal: as JSON, under the key of its request. */
export interface StoredRefusal {
  /** From 400 on. */
  readonly status: number;
  readonly body: unknown;
}

/**
 * The application's own errors, as far as a write meets them. A refusal is an error of the caller's that depends on the data
 * alone (no such row, a name that is taken): it is stored under the key of its request and given again.
 */
export interface Refusals {
  /** The application's error for what a unit of work threw, for example for a broken constraint; else what it was given. */
  explain(error: unknown): unknown;
  /** What to store of a refusal; undefined for any other error. */
  store(error: unknown): StoredRefusal | undefined;
  /** The error for what {@link store} gave, perhaps in an earlier version of the application. */
  restore(stored: StoredRefusal): unknown;
}
