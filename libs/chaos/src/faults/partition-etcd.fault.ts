import { canCut } from './cut.precondition.js';
import { type Fault, gapsWithin } from './fault.js';

/**
 * The leader reaches its standbys, but not etcd. Its lease runs out, but standbys that see it alive do not take over, and it
 * stays the leader for as long as all of them agree (failsafe mode).
 */
export const partitionEtcd: Fault = {
  name: 'partition-etcd',
  title: 'leader cut from etcd only',
  expects: { ...gapsWithin({ writeMs: 30_000, readMs: 5_000 }), httpFailed: { max: 0 } },
  holdMs: 30_000,
  precondition: canCut('etcd'),
  inject: ({ nemesis, leader }) => nemesis.cut(leader, { what: 'etcd' }),
};
