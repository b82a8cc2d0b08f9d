import { type Fault, gapsWithin } from './fault.js';

/** etcd elects another leader while Patroni keeps its own. */
export const etcdLeaderKill: Fault = {
  name: 'etcd-leader-kill',
  title: "etcd's leader killed (SIGKILL)",
  expects: { ...gapsWithin({ writeMs: 4_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  failover: false,
  holdMs: 4_000,
  quick: true,
  inject: ({ nemesis, etcdLeader }) => nemesis.kill(etcdLeader),
};
