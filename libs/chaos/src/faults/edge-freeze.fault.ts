import { edgeFault } from './edge.fault.js';
import type { Fault } from './fault.js';

/** Connections through the frozen proxy stay open and silent. Only a probe, which the other proxy answers with a reset, ends them. */
export const edgeFreeze: Fault = {
  name: 'edge-freeze',
  title: 'proxy with the virtual IP frozen, then thawed',
  ...edgeFault,
  holdMs: 5_000,
  async inject({ lab, nemesis }) {
    await nemesis.pause(await lab.edgeHolder());
  },
};
