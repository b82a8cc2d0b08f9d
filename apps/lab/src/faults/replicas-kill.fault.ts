import type { Fault } from './fault.js';

/** Nobody is left to confirm a commit; Patroni lets the leader go on alone. */
export const replicasKill: Fault = {
  name: 'replicas-kill',
  title: 'both replicas killed (SIGKILL)',
  expects: { writeGapMs: { max: 15_000 }, readGapMs: { max: 8_000 }, httpFailed: { max: 0 } },
  failover: false,
  holdMs: 10_000,
  inject: ({ hand, replicas }) => hand.kill(...replicas),
};
