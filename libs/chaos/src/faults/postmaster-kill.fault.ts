import { type Fault, gapsWithin } from './fault.js';

/** PostgreSQL crashes. Patroni lives and releases the lock at once. */
export const postmasterKill: Fault = {
  name: 'postmaster-kill',
  title: 'postmaster of the leader killed (SIGKILL), Patroni lives on',
  expects: { ...gapsWithin({ writeMs: 18_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  failover: true,
  untilFailover: true,
  holdMs: 2_000,
  quick: true,
  inject: ({ lab, leader }) => lab.killPostmaster(leader),
};
