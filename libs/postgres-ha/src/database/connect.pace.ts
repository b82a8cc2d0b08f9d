/** What decides whether a pool opens a further connection. Times in milliseconds. */
export interface PoolLoad {
  /** Requests that wait for a connection. */
  readonly waiting: number;
  /** Connections that serve, whether in use or not. */
  readonly serving: number;
  /** Connections that are being opened. */
  readonly connecting: number;
  /** How long the request that is next has waited. */
  readonly waitedMs: number;
  /** Time since the last connection was begun. */
  readonly sinceLastMs: number;
  /** How long the last successful connect took; 0 before the first. */
  readonly connectMs: number;
}

/** How many connections a pool may open. */
export interface ConnectLimits {
  /** Connections of all kinds. */
  readonly most: number;
  /** Connections that may be opened at the same time; 0: as many as requests wait, without a pause. */
  readonly atOnce: number;
}

/** While no connection serves, a connect that takes this long may have gone to a node that never answers, and another is begun beside it. */
const silenceMs = 100;
/** No request waits longer than this before a connection is opened for it, however long the last connect took: one that stalled says little. */
const patienceMs = 250;

/**
 * When the pool opens a further connection.
 *
 * A connection that serves passes from request to request. So another one is worth its cost only to a request that has waited for as
 * long as a connect takes: on a fast machine at once, on a slow one after the first connections have served what was waiting.
 *
 * @returns milliseconds from now; undefined while none is needed or allowed
 */
export function nextConnectMs(
  { waiting, serving, connecting, waitedMs, sinceLastMs, connectMs }: PoolLoad,
  { most, atOnce }: ConnectLimits,
): number | undefined {
  if (connecting >= waiting || serving + connecting >= most) return undefined;
  if (atOnce === 0) return 0;
  if (connecting >= atOnce) return undefined;
  if (serving === 0)
    return connecting === 0 ? 0 : Math.max(0, Math.min(Math.max(connectMs, silenceMs), patienceMs) - sinceLastMs);
  const paceMs = Math.min(connectMs, patienceMs);
  return Math.max(0, paceMs - waitedMs, paceMs / atOnce - sinceLastMs);
}
