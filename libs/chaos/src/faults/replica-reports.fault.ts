import { until } from '../../../cluster/src/wait.js';
import { type Fault, gapsWithin } from './fault.js';

const promotionBoundMs = 60_000;

/**
 * A standby must replay everything that it has received before it can lead, and a query that conflicts with replay may delay that.
 * Here replay must take the lock of a migration, a conflict that `hot_standby_feedback` does not avoid.
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
    // Healing ends the reports, so it must wait for the promotion that they delay. That a replica holds the leader's lock is not
    // enough: it takes the lock before it is promoted.
    await until({ what: 'a replica is promoted', boundMs: promotionBoundMs, signal }, async () => {
      const seen = await Promise.all(replicas.map((replica) => lab.isPromoted(replica)));
      return seen.includes(true) ? true : undefined;
    });
  },
};
