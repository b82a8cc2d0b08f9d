import { type Fault, gapsWithin } from './fault.js';

/** A new leader of etcd restarts every lease, so the dead leader's lock may live for almost two TTLs. */
export const etcdAndLeaderKill: Fault = {
  name: 'etcd-and-leader-kill',
  title: "etcd's leader and PostgreSQL's leader killed together (SIGKILL)",
  expects: gapsWithin({ writeMs: 42_000, readMs: 4_000 }),
  failover: true,
  untilFailover: true,
  holdMs: 2_000,
  inject: ({ nemesis, leader, etcdLeader }) => nemesis.kill(etcdLeader, leader),
};
