import { setTimeout as sleep } from 'node:timers/promises';

/** How long a wait may take and what it waits for, in the words of its failure. */
export interface Bound {
  readonly what: string;
  readonly boundMs: number;
  /** Pause between two looks. @default 200 */
  readonly everyMs?: number;
}

/**
 * Looks until `look` returns something other than undefined. An error of `look` counts as "not yet".
 *
 * @throws Error naming what was waited for, the bound and what the last look failed with
 */
export async function until<T>(
  { what, boundMs, everyMs = 200 }: Bound,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const startedMs = performance.now();
  let last: unknown;
  while (performance.now() - startedMs < boundMs) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  const reason = last instanceof Error ? `: ${last.message}` : '';
  throw new Error(`not within ${boundMs} ms: ${what}${reason}`, { cause: last });
}
