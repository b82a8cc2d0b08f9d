import { type Fault, gapsWithin } from './fault.js';

/** The leader is frozen while another member takes over, and wakes up believing that it leads. */
export const zombie: Fault = {
  name: 'zombie',
  title: 'leader paused for longer than its lease and resumed',
  expects: { ...gapsWithin({ writeMs: 28_000, readMs: 5_000 }), httpFailed: { max: 0 } },
  failover: true,
  untilFailover: true,
  holdMs: 5_000,
  inject: ({ nemesis, leader }) => nemesis.pause(leader),
};
