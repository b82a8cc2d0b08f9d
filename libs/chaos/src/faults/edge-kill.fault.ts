import { hasEdge } from './edge.precondition.js';
import { type Fault, gapsWithin } from './fault.js';

/** The other proxy takes the virtual IP when it has missed three advertisements, 0.2 s apart. */
export const edgeKill: Fault = {
  name: 'edge-kill',
  title: 'proxy with the virtual IP killed (SIGKILL)',
  expects: { ...gapsWithin({ writeMs: 6_000, readMs: 6_000 }), httpFailed: { max: 0 } },
  failover: false,
  holdMs: 3_000,
  precondition: hasEdge,
  async inject({ lab, nemesis }) {
    await nemesis.kill(await lab.edgeHolder());
  },
};
