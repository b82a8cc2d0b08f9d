import { edgeFault } from './edge.fault.js';
import type { Fault } from './fault.js';
import { canCut } from './cut.precondition.js';

/**
 * Both proxies hold the virtual IP: the one that is cut cannot know that the other one has taken it. A cut of
 * IP alone is not enough: a proxy that still announces the address draws the packets of all who hear it.
 */
export const edgeCut: Fault = {
  name: 'edge-cut',
  title: 'proxy with the virtual IP cut from everything, as when its cable is pulled',
  ...edgeFault,
  holdMs: 5_000,
  precondition: async (context) => (await edgeFault.precondition(context)) ?? canCut('cable')(context),
  async inject({ lab, nemesis }) {
    await nemesis.cut(await lab.edgeHolder(), { what: 'cable' });
  },
};
