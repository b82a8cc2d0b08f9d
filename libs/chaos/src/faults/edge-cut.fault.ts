import { hasEdge } from './edge.precondition.js';
import { type Fault, gapsWithin } from './fault.js';
import { canCut } from './cut.precondition.js';

/**
 * Both proxies hold the virtual IP: the one that is cut cannot know that the other one has taken it. A cut of
 * IP alone is not enough: a proxy that still announces the address draws the packets of all who hear it.
 */
export const edgeCut: Fault = {
  name: 'edge-cut',
  title: 'proxy with the virtual IP cut from everything, as when its cable is pulled',
  expects: { ...gapsWithin({ writeMs: 6_000, readMs: 6_000 }), httpFailed: { max: 0 } },
  failover: false,
  holdMs: 5_000,
  precondition: async (context) => (await hasEdge(context)) ?? canCut('cable')(context),
  async inject({ lab, nemesis }) {
    await nemesis.cut(await lab.edgeHolder(), { what: 'cable' });
  },
};
