import { canCut } from './cut.precondition.js';
import { type Fault, gapsWithin } from './fault.js';

/** The leader lives and reaches nobody. It must stop before its lease ends; then another member takes over. */
export const partitionLeader: Fault = {
  name: 'partition-leader',
  title: 'leader cut from everything',
  expects: { ...gapsWithin({ writeMs: 30_000, readMs: 5_000 }), httpFailed: { max: 0 } },
  failover: true,
  untilFailover: true,
  holdMs: 5_000,
  precondition: canCut('everything'),
  inject: ({ nemesis, leader }) => nemesis.cut(leader, { what: 'everything' }),
};
