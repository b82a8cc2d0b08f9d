import { edgeFault } from './edge.fault.js';
import type { Fault } from './fault.js';

/** Both proxies live. Connections through the one that gave the address away end with a reset, as they reach the other one. */
export const edgeMove: Fault = {
  name: 'edge-move',
  title: 'virtual IP moved to the other proxy',
  ...edgeFault,
  holdMs: 3_000,
  async inject({ lab, nemesis }) {
    const holder = await lab.edgeHolder();
    await nemesis.drainEdge(holder);
    await lab.waitForEdgeToMove(holder);
  },
};
