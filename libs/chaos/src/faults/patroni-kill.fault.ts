import { type Fault, gapsWithin } from './fault.js';

/** Patroni crashes. PostgreSQL goes on, and the supervisor starts Patroni again before the lease ends. */
export const patroniKill: Fault = {
  name: 'patroni-kill',
  title: 'Patroni on the leader killed (SIGKILL), PostgreSQL lives on',
  expects: { ...gapsWithin({ writeMs: 12_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  holdMs: 6_000,
  inject: ({ nemesis, leader }) => nemesis.killPatroni(leader),
};
