import { setTimeout as sleep } from 'node:timers/promises';

/** How long a wait may take and what it waits for, in the words of its failure. */
export interface Bound {
  readonly what: string;
  readonly boundMs: number;
  /** Pause between two looks. @default 200 */
  readonly everyMs?: number;
  /** Ends the wait at once, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks until `look` returns something other than undefined. An error of `look` counts as "not yet".
 *
 * @throws Error naming what was waited for, the bound and what the last look failed with
 */
export async function until<T>(
  { what, boundMs, everyMs = 200, signal }: Bound,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const startedMs = performance.now();
  let last: unknown;
  while (performance.now() - startedMs < boundMs) {
    signal?.throwIfAborted();
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

/** A sleep that an abort ends early, without an error: what comes next looks at the signal. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/**
 * The promise's outcome, or an error after `boundMs`. What it stands for may go on.
 *
 * @throws Error naming what took too long
 */
export async function within<T>(boundMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${boundMs} ms: ${what}`)), boundMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
