import type { History } from '../history/operation.js';

/** The errors that clients were told. */
export interface ErrorCounts {
  readonly http: { readonly requests: number; readonly failed: number; readonly byStatus: Record<string, number> };
  /** Operations of both channels that did not succeed, by error class; `unclassified` where they have none. */
  readonly byClass: Record<string, number>;
}

/** Counts errors. Every HTTP request that is not `ok` has failed; one that got no answer has the status `none`. */
export function countErrors(history: History): ErrorCounts {
  const byStatus: Record<string, number> = {};
  const byClass: Record<string, number> = {};
  let requests = 0;
  let failed = 0;
  for (const { channel, outcome, httpStatus, errorClass = 'unclassified' } of history) {
    if (outcome !== 'ok') byClass[errorClass] = (byClass[errorClass] ?? 0) + 1;
    if (channel !== 'http') continue;
    requests += 1;
    if (outcome !== 'ok') failed += 1;
    const status = httpStatus ?? 'none';
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }
  return { http: { requests, failed, byStatus }, byClass };
}
