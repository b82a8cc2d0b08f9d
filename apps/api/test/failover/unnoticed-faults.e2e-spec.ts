import { describe, expect } from '@jest/globals';
import { etcdQuorumLoss } from '../../../../libs/chaos/src/faults/etcd-quorum-loss.fault.js';
import type { Injection } from '../../../../libs/chaos/src/runs/injection.js';
import { claimSafety, claimSurvival, useDrill } from '../../../../libs/chaos/test/support/drill.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';

const healthyBoundMs = 120_000;
const recoveryBoundMs = 30_000;
/** Longer than ttl and loop_wait together (22 s): without failsafe_mode the leader would have stepped down. */
const outageMs = 23_000;

const reload: Omit<Injection, 'holdMs'> = { name: 'haproxy-reload', inject: ({ hand }) => hand.reloadHaproxy() };
const restarts: Omit<Injection, 'holdMs'> = {
  name: 'api-restarts',
  async inject({ hand, lab }) {
    for (const instance of ['api1', 'api2']) {
      await hand.restart(instance);
      await lab.waitHealthy(healthyBoundMs);
    }
  },
};

const lab = useLab();

describe('Under one load', () => {
  let leaderBefore: string;
  let leaderAfter: string;

  const claim = useDrill('unnoticed-faults', lab, async (drill) => {
    await drill.load();
    await drill.inject(reload);
    await drill.recovered(recoveryBoundMs);
    await drill.inject(restarts);
    await drill.recovered(recoveryBoundMs);
    leaderBefore = await drill.lab.leader();
    await drill.inject(etcdQuorumLoss, outageMs);
    await drill.heal();
    await drill.lab.waitHealthy(recoveryBoundMs);
    await drill.recovered(recoveryBoundMs);
    leaderAfter = await drill.lab.leader();
  });

  claimSurvival(claim, reload.name, 'while HAProxy is reloaded');
  claimSurvival(claim, restarts.name, 'while the API instances are restarted in turn');
  claimSurvival(claim, etcdQuorumLoss.name, 'while two of three etcd members are dead for longer than the TTL');

  claim('The leader stays while two of three etcd members are dead for longer than the TTL', () => {
    expect(leaderAfter).toBe(leaderBefore);
  });

  claimSafety(claim, 'after a reload of HAProxy, restarts of the API and a loss of the etcd quorum');
});
