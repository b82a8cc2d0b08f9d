import { type Fault, gapsWithin } from './fault.js';

/** The one door of the lab closes and opens again; requests meanwhile meet a closed port. */
export const haproxyRestart: Fault = {
  name: 'haproxy-restart',
  title: 'HAProxy stopped and started',
  expects: gapsWithin({ writeMs: 23_000, readMs: 18_000 }),
  failover: false,
  holdMs: 3_000,
  quick: true,
  inject: ({ nemesis }) => nemesis.restart('haproxy'),
};
