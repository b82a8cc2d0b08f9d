/** Nothing was run; the message says why, and what to do. */
export class CannotRunError extends Error {
  override readonly name = 'CannotRunError';
}
