import type { Fault } from './fault.js';
import { pick } from '../random/random.js';

/** Leadership handed over in an orderly way: planned work. */
export const switchover: Fault = {
  name: 'switchover',
  title: 'leadership handed to a replica in an orderly way',
  expects: { writeGapMs: { max: 8_000 }, readGapMs: { max: 3_000 }, httpFailed: { max: 0 } },
  failover: true,
  holdMs: 2_000,
  quick: true,
  inject: ({ lab, leader, replicas, random }) => lab.switchover(leader, pick(random, replicas)),
};
