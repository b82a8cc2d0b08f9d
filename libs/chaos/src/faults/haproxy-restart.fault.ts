import { type Fault, gapsWithin } from './fault.js';

/** All clients reach the lab through HAProxy: while it restarts, they meet a closed port. */
export const haproxyRestart: Fault = {
  name: 'haproxy-restart',
  title: 'HAProxy stopped and started',
  expects: gapsWithin({ writeMs: 23_000, readMs: 18_000 }),
  failover: false,
  holdMs: 3_000,
  quick: true,
  precondition: async ({ lab }) =>
    (await lab.hasEdge())
      ? 'the published ports belong to a forwarder, which stands for the router of a site'
      : undefined,
  inject: ({ nemesis }) => nemesis.restart('haproxy'),
};
