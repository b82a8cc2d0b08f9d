import { type Fault, gapsWithin } from './fault.js';

/** Nobody is left to confirm a commit; Patroni lets the leader go on alone. */
export const replicasKill: Fault = {
  name: 'replicas-kill',
  title: 'both replicas killed (SIGKILL)',
  expects: { ...gapsWithin({ writeMs: 15_000, readMs: 8_000 }), httpFailed: { max: 0 } },
  failover: false,
  holdMs: 10_000,
  inject: ({ nemesis, replicas }) => nemesis.kill(...replicas),
};
