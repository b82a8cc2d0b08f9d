import { canCut } from './cut.precondition.js';
import { type Fault, gapsWithin } from './fault.js';

/** The leader keeps its lock, but no standby confirms commits. They wait until Patroni removes the standbys from the quorum. */
export const partitionReplicas: Fault = {
  name: 'partition-replicas',
  title: 'leader cut from its replicas only',
  expects: { ...gapsWithin({ writeMs: 20_000, readMs: 5_000 }), httpFailed: { max: 0 } },
  failover: false,
  holdMs: 20_000,
  precondition: canCut('peers'),
  async inject({ lab, nemesis, leader, replicas }) {
    const addresses = await Promise.all(replicas.map((replica) => lab.containers.address(replica)));
    await nemesis.cut(leader, { what: 'peers', addresses });
  },
};
