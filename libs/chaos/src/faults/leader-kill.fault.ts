import { type Fault, gapsWithin } from './fault.js';

/** The leader's container dies. Its lease must run out before another member may lead. */
export const leaderKill: Fault = {
  name: 'leader-kill',
  title: 'container of the leader killed (SIGKILL)',
  expects: { ...gapsWithin({ writeMs: 28_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  failover: true,
  untilFailover: true,
  holdMs: 2_000,
  inject: ({ nemesis, leader }) => nemesis.kill(leader),
};
