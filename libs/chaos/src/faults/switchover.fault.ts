import { type Fault, gapsWithin } from './fault.js';

/** Leadership handed over in an orderly way, to whichever standby is fit: planned work. */
export const switchover: Fault = {
  name: 'switchover',
  title: 'leadership handed over in an orderly way',
  expects: { ...gapsWithin({ writeMs: 20_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  failover: true,
  holdMs: 2_000,
  quick: true,
  inject: ({ lab, leader }) => lab.switchover(leader),
};
