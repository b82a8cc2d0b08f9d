import { expect } from '@jest/globals';
import { etcdQuorumLoss } from '../../../../../libs/chaos/src/faults/etcd-quorum-loss.fault.js';
import { claimSurvival, type DrillPart } from '../../../../../libs/chaos/test/support/drill.js';

const recoveryBoundMs = 30_000;
/** Longer than ttl and loop_wait together (22 s): without failsafe_mode the leader would have stepped down. */
const outageMs = 23_000;
const during = 'while two of three etcd members are dead for longer than the TTL';

/** etcd has no quorum for a while. */
export function etcdOutage(): DrillPart {
  let leaderBefore: string;
  let leaderAfter: string;
  return {
    async run(drill) {
      leaderBefore = await drill.lab.leader();
      await drill.inject(etcdQuorumLoss, outageMs);
      await drill.heal();
      await drill.lab.waitHealthy(recoveryBoundMs);
      await drill.recovered(recoveryBoundMs);
      leaderAfter = await drill.lab.leader();
    },
    claims(claim) {
      claimSurvival(claim, etcdQuorumLoss.name, during);

      claim(`The leader stays ${during}`, () => {
        expect(leaderAfter).toBe(leaderBefore);
      });
    },
  };
}
