import { setTimeout as sleep } from 'node:timers/promises';

/** What a wait waits for, and how long it may take. Its error names both. */
export interface Bound {
  readonly what: string;
  readonly boundMs: number;
  /** Pause between two calls of `look`. @default 200 */
  readonly everyMs?: number;
  /** Ends the wait at once, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `look` until it returns something other than undefined. An error of `look` counts as "not yet".
 *
 * @throws Error after the bound, with what was waited for and the last error of `look`
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

/** Sleeps. An abort ends it early and without an error, so the caller must check the signal. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/**
 * Settles as the promise does, or throws after `boundMs`. The work behind the promise may go on.
 *
 * @throws Error that names what took too long
 */
export async function within<T>(boundMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${boundMs} ms: ${what}`)), boundMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
