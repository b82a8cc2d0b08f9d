import { type Fault, gapsWithin } from './fault.js';

/** All clients reach the lab through HAProxy: while it restarts, they meet a closed port. */
export const haproxyRestart: Fault = {
  name: 'haproxy-restart',
  title: 'HAProxy stopped and started',
  expects: gapsWithin({ writeMs: 23_000, readMs: 18_000 }),
  failover: false,
  holdMs: 3_000,
  quick: true,
  inject: ({ nemesis }) => nemesis.restart('haproxy'),
};
