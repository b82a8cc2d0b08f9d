import { etcds } from '../../../cluster/src/core/members.mjs';
import { type Fault, gapsWithin } from './fault.js';

/** etcd can't be written to for a minute. By failsafe mode the leader stays for as long as all members agree. */
export const etcdQuorumLoss: Fault = {
  name: 'etcd-quorum-loss',
  title: '2 of 3 etcd killed (SIGKILL) for 60 s',
  expects: {
    ...gapsWithin({ writeMs: 4_000, readMs: 3_000 }),
    httpFailed: { max: 0 },
    failedWrites: { max: 0 },
    unknownWrites: { max: 0 },
  },
  failover: false,
  holdMs: 60_000,
  inject: ({ nemesis, etcdLeader }) => {
    const other = etcds.find((etcd) => etcd !== etcdLeader) ?? etcdLeader;
    return nemesis.kill(etcdLeader, other);
  },
};
