import { type Fault, type FaultContext, gapsWithin } from './fault.js';

const mostMs = 6_000;

/** What the faults of two proxies that share a virtual IP (infra/edge) have in common: no request fails, and none hangs. */
export const edgeFault = {
  expects: {
    ...gapsWithin({ writeMs: mostMs, readMs: mostMs }),
    httpFailed: { max: 0 },
    longestRequestMs: { max: mostMs },
  },
  failover: false,
  precondition: async ({ lab }: Pick<FaultContext, 'lab'>) =>
    (await lab.hasEdge()) ? undefined : 'there is one proxy; two of them: scripts/lab edge on',
} as const satisfies Partial<Fault>;
