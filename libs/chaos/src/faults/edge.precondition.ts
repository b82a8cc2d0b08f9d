import type { Fault } from './fault.js';

/** Checks that two proxies share a virtual IP (infra/edge). */
export const hasEdge: NonNullable<Fault['precondition']> = async ({ lab }) =>
  (await lab.hasEdge()) ? undefined : 'there is one proxy; two of them: scripts/lab edge on';
