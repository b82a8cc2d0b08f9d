import { edgeFault } from './edge.fault.js';
import type { Fault } from './fault.js';

/** The other proxy takes the virtual IP when it has missed three advertisements, 0.2 s apart. */
export const edgeKill: Fault = {
  name: 'edge-kill',
  title: 'proxy with the virtual IP killed (SIGKILL)',
  ...edgeFault,
  holdMs: 3_000,
  async inject({ lab, nemesis }) {
    await nemesis.kill(await lab.edgeHolder());
  },
};
