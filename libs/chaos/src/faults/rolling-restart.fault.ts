import { type Fault, gapsWithin } from './fault.js';

const rejoinBoundMs = 120_000;

/** What an upgrade of the image does: it restarts the replicas first and the leader last, each once the one before is healthy. */
export const rollingRestart: Fault = {
  name: 'rolling-restart',
  title: 'all three members restarted, one after the other',
  expects: { ...gapsWithin({ writeMs: 25_000, readMs: 8_000 }), httpFailed: { max: 0 } },
  failover: true,
  holdMs: 0,
  async inject({ lab, nemesis, leader, replicas, signal }) {
    for (const member of [...replicas, leader]) {
      await nemesis.restart(member);
      await lab.waitHealthy(rejoinBoundMs, signal);
    }
  },
};
