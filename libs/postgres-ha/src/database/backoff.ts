/**
 * Exponential backoff with jitter: a random delay in the upper half below a ceiling that doubles with each failure.
 * Without jitter, many waiters would come back at the same moment.
 *
 * @returns whole milliseconds, never less than half the ceiling
 */
export function backoffMs(
  failures: number,
  { baseMs, maxMs }: { readonly baseMs: number; readonly maxMs: number },
  random: () => number = Math.random,
): number {
  const ceilingMs = Math.min(maxMs, baseMs * 2 ** failures);
  return Math.round(ceilingMs / 2 + (random() * ceilingMs) / 2);
}
