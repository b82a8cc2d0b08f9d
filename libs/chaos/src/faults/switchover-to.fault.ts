import { type Fault, gapsWithin } from './fault.js';
import { pick } from '../random/random.js';

/**
 * The new leader named by hand. In quorum mode that costs two seconds more: the standby that was not chosen sleeps for them
 * (a fixed pause in Patroni's `process_unhealthy_cluster`), and the first commit needs it.
 */
export const switchoverTo: Fault = {
  name: 'switchover-to',
  title: 'leadership handed to a named replica',
  expects: { ...gapsWithin({ writeMs: 18_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  failover: true,
  holdMs: 2_000,
  inject: ({ lab, leader, replicas, random }) => lab.switchover(leader, pick(random, replicas)),
};
