import { canCut } from './cut.precondition.js';
import { type Fault, gapsWithin } from './fault.js';

/** A bad cable: everything is slow and nothing is down. Chance decides whether another member takes over. */
export const packetLoss: Fault = {
  name: 'packet-loss',
  title: '20 % of the packets of the leader lost',
  expects: gapsWithin({ writeMs: 30_000, readMs: 10_000 }),
  holdMs: 20_000,
  precondition: canCut('loss'),
  inject: ({ nemesis, leader }) => nemesis.cut(leader, { what: 'loss', percent: 20 }),
};
