import type { History } from '../history/operation.js';
import type { Recovery } from '../history/recovery.js';
import { type Finding, Tally } from './finding.js';

/** How the restored server agrees with what clients were told. */
export interface RecoveryOutcome {
  /** Rows that were acknowledged before the wrong statement was sent. */
  readonly before: number;
  /** Those of them that the restored server does not have. */
  readonly missing: Finding;
  /** Rows that were sent after the wrong statement had been acknowledged and that it has all the same, or that certainly failed. */
  readonly extra: Finding;
  /** Rows whose writing overlapped the wrong statement, or whose outcome is unknown: they may be there or not. */
  readonly inFlight: number;
}

/**
 * Compares the rows of a server that was restored to just before a wrong statement with the history: all that was acknowledged before
 * it is there, and nothing that began after it. Rows that are created once tell; shared rows are overwritten. A key that was sent more
 * than once is acknowledged when the first attempt was, and failed only if all failed.
 */
export function checkRecovery(
  history: History,
  { disaster, restored }: Pick<Recovery, 'disaster' | 'restored'>,
): RecoveryOutcome {
  const told = new Map<string, { sentMs: number; acknowledgedMs: number; failed: boolean }>();
  for (const { row, action, key, outcome, invokedMs, endedMs } of history) {
    if (row !== 'unique' || action !== 'write') continue;
    const known = told.get(key) ?? {
      sentMs: Number.POSITIVE_INFINITY,
      acknowledgedMs: Number.POSITIVE_INFINITY,
      failed: true,
    };
    told.set(key, {
      sentMs: Math.min(known.sentMs, invokedMs),
      acknowledgedMs: outcome === 'ok' ? Math.min(known.acknowledgedMs, endedMs) : known.acknowledgedMs,
      failed: known.failed && outcome === 'failed',
    });
  }
  const missing = new Tally();
  const extra = new Tally();
  let before = 0;
  let inFlight = 0;
  for (const [key, { sentMs, acknowledgedMs, failed }] of told) {
    const isThere = (restored.unique.get(key) ?? 0) > 0;
    if (acknowledgedMs < disaster.invokedMs) {
      before += 1;
      if (!isThere) missing.add(() => `${key} was acknowledged before and was not restored`);
    } else if (failed) {
      if (isThere) extra.add(() => `${key} failed and was restored`);
    } else if (sentMs > disaster.endedMs) {
      if (isThere) extra.add(() => `${key} was sent afterwards and was restored`);
    } else {
      inFlight += 1;
    }
  }
  return { before, missing, extra, inFlight };
}
