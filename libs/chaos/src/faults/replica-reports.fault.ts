import { until } from '../../../cluster/src/wait.js';
import { type Fault, gapsWithin } from './fault.js';

const promotionBoundMs = 60_000;

/**
 * A standby replays everything it has received before it can lead, and a query in the way may hold that up. The lock is what a
 * migration takes: no `hot_standby_feedback` avoids this conflict.
 */
export const replicaReports: Fault = {
  name: 'replica-reports',
  title: 'reports on both replicas block replay when the postmaster of the leader is killed',
  expects: { ...gapsWithin({ writeMs: 20_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  failover: true,
  untilFailover: true,
  holdMs: 2_000,
  async inject({ lab, nemesis, leader, replicas, signal }) {
    for (const replica of replicas) await nemesis.startReport(replica);
    await lab.lockReportedTable(leader);
    await lab.killPostmaster(leader);
    // Healing ends the reports: it must not come before the promotion that they hold up. The lock is taken before it is done.
    await until({ what: 'a replica is promoted', boundMs: promotionBoundMs, signal }, async () => {
      const seen = await Promise.all(replicas.map((replica) => lab.isPromoted(replica)));
      return seen.includes(true) ? true : undefined;
    });
  },
};
