import { type Fault, gapsWithin } from './fault.js';

/** As leader-kill, but the fencing service runs, which releases the lock of a leader that is certainly dead (apps/fencing). */
export const fencedLeaderKill: Fault = {
  name: 'fenced-leader-kill',
  title: 'container of the leader killed (SIGKILL), with fencing on',
  // Without the fencing service the lease would have to run out, which takes at least 18 s.
  expects: { ...gapsWithin({ writeMs: 13_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  failover: true,
  untilFailover: true,
  fencing: true,
  holdMs: 2_000,
  quick: true,
  inject: ({ nemesis, leader }) => nemesis.kill(leader),
};
