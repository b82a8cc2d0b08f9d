import { edgeFault } from './edge.fault.js';
import type { Fault } from './fault.js';
import { edges } from '../../../cluster/src/core/members.mjs';

/** An upgrade of the proxies: the one without the address first, then the other one, whose address moves. */
export const edgeRestart: Fault = {
  name: 'edge-restart',
  title: 'both proxies restarted, one after the other',
  ...edgeFault,
  holdMs: 1_000,
  async inject({ lab, nemesis }) {
    const holder = await lab.edgeHolder();
    for (const proxy of [...edges.filter((edge) => edge !== holder), holder]) {
      await nemesis.restart(proxy);
      await lab.waitForEdge(proxy);
    }
  },
};
