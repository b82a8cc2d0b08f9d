import { type Fault, gapsWithin } from './fault.js';
import { pick } from '../random/random.js';

/**
 * A switchover to a member that was named. In quorum mode that takes two seconds more: the first commit needs the standby that was
 * not named, which sleeps for that long (a fixed pause in Patroni's `process_unhealthy_cluster`).
 */
export const switchoverTo: Fault = {
  name: 'switchover-to',
  title: 'leadership handed to a named replica',
  expects: { ...gapsWithin({ writeMs: 18_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  failover: true,
  holdMs: 2_000,
  inject: ({ lab, leader, replicas, random }) => lab.switchover(leader, pick(random, replicas)),
};
