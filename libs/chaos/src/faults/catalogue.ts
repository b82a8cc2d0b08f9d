import { apiKill } from './api-kill.fault.js';
import { diskFull } from './disk-full.fault.js';
import { edgeCut } from './edge-cut.fault.js';
import { edgeFreeze } from './edge-freeze.fault.js';
import { edgeKill } from './edge-kill.fault.js';
import { edgeMove } from './edge-move.fault.js';
import { edgeRestart } from './edge-restart.fault.js';
import { etcdAndLeaderKill } from './etcd-and-leader-kill.fault.js';
import { etcdLeaderKill } from './etcd-leader-kill.fault.js';
import { etcdQuorumLoss } from './etcd-quorum-loss.fault.js';
import type { Fault } from './fault.js';
import { fencedLeaderKill } from './fenced-leader-kill.fault.js';
import { haproxyRestart } from './haproxy-restart.fault.js';
import { leaderKill } from './leader-kill.fault.js';
import { loseEverything } from './lose-everything.fault.js';
import { majorityKill } from './majority-kill.fault.js';
import { packetLoss } from './packet-loss.fault.js';
import { partitionEtcd } from './partition-etcd.fault.js';
import { partitionLeader } from './partition-leader.fault.js';
import { partitionReplicas } from './partition-replicas.fault.js';
import { patroniKill } from './patroni-kill.fault.js';
import { postmasterKill } from './postmaster-kill.fault.js';
import { pitr } from './pitr.fault.js';
import { replicaReports } from './replica-reports.fault.js';
import { replicasKill } from './replicas-kill.fault.js';
import { repositoryAway } from './repository-away.fault.js';
import { repositoryFull } from './repository-full.fault.js';
import { restoreRehearsal } from './restore-rehearsal.fault.js';
import { rollingRestart } from './rolling-restart.fault.js';
import { soak } from './soak.fault.js';
import { standbyKill } from './standby-kill.fault.js';
import { switchover } from './switchover.fault.js';
import { switchoverTo } from './switchover-to.fault.js';
import { zombie } from './zombie.fault.js';

const single: readonly Fault[] = [
  leaderKill,
  postmasterKill,
  replicaReports,
  patroniKill,
  zombie,
  switchover,
  switchoverTo,
  partitionLeader,
  partitionEtcd,
  partitionReplicas,
  standbyKill,
  replicasKill,
  majorityKill,
  etcdLeaderKill,
  etcdQuorumLoss,
  etcdAndLeaderKill,
  haproxyRestart,
  edgeKill,
  edgeFreeze,
  edgeCut,
  edgeMove,
  edgeRestart,
  apiKill,
  packetLoss,
  diskFull,
  rollingRestart,
];

const withBackup: readonly Fault[] = [pitr, loseEverything, repositoryAway, repositoryFull, restoreRehearsal];

/** Every fault that can be injected. */
export const catalogue: readonly Fault[] = [...single, fencedLeaderKill, ...withBackup, soak(single)];

/** A name on the command line is neither a fault nor a group. */
export class UnknownScenarioError extends Error {
  override readonly name = 'UnknownScenarioError';

  constructor(scenario: string) {
    super(`there is no scenario '${scenario}'; scripts/lab chaos list shows them`);
  }
}

/**
 * The faults of these names, each once, in the order asked for. `all` and `quick` are groups of faults.
 *
 * @throws UnknownScenarioError
 */
export function faultsNamed(names: readonly string[]): Fault[] {
  const found = names.flatMap((name) => {
    if (name === 'all') return catalogue;
    if (name === 'quick') return catalogue.filter(({ quick }) => quick === true);
    const fault = catalogue.find((candidate) => candidate.name === name);
    if (fault === undefined) throw new UnknownScenarioError(name);
    return [fault];
  });
  return [...new Set(found)];
}
