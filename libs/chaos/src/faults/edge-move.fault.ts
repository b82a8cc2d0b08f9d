import { hasEdge } from './edge.precondition.js';
import { type Fault, gapsWithin } from './fault.js';

/** Both proxies live. Connections through the one that gave the address away end with a reset, as they reach the other one. */
export const edgeMove: Fault = {
  name: 'edge-move',
  title: 'virtual IP moved to the other proxy',
  expects: { ...gapsWithin({ writeMs: 6_000, readMs: 6_000 }), httpFailed: { max: 0 } },
  failover: false,
  holdMs: 3_000,
  precondition: hasEdge,
  async inject({ lab, nemesis }) {
    const holder = await lab.edgeHolder();
    await nemesis.drainEdge(holder);
    await lab.waitForEdgeToMove(holder);
  },
};
