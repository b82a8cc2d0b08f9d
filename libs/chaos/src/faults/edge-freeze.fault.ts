import { hasEdge } from './edge.precondition.js';
import { type Fault, gapsWithin } from './fault.js';

/** Connections through the frozen proxy stay open and silent. Only a probe, which the other proxy answers with a reset, ends them. */
export const edgeFreeze: Fault = {
  name: 'edge-freeze',
  title: 'proxy with the virtual IP frozen, then thawed',
  expects: { ...gapsWithin({ writeMs: 6_000, readMs: 6_000 }), httpFailed: { max: 0 } },
  failover: false,
  holdMs: 5_000,
  precondition: hasEdge,
  async inject({ lab, nemesis }) {
    await nemesis.pause(await lab.edgeHolder());
  },
};
