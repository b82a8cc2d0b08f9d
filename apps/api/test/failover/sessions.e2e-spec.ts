import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabController } from '../support/lab.controller.js';
import { runSessions } from '../support/session.workload.js';
import { lab as settings } from '../support/settings.js';

const lab = new LabController();
const healthyBoundMs = 120_000;
const sessions = 16;
/** More than the sessions can do before they are told to stop. */
const pairs = 1_000_000;
const beforeMs = 2_000;
const afterMs = 5_000;
const drillTimeoutMs = 240_000;

beforeAll(() => lab.heal(healthyBoundMs), healthyBoundMs);
afterAll(async () => {
  await lab.heal(healthyBoundMs);
  await lab.deleteProducts('session-');
}, healthyBoundMs);

describe('Sessions', () => {
  it(
    'see their own writes and never go back in time across a switchover',
    async () => {
      const [candidate = ''] = await lab.replicas();
      const from = await lab.leader();
      const report = await sessionsDuring(() => lab.switchover(from, candidate));
      expect(report).toMatchObject({ readYourWrites: [], monotonic: [] });
      expect(report.pairs).toBeGreaterThan(100);
      await lab.waitHealthy(healthyBoundMs);
    },
    drillTimeoutMs,
  );

  it(
    'do so across the death of the leader',
    async () => {
      const killed = await lab.leader();
      const report = await sessionsDuring(async () => {
        await lab.kill(killed);
        await sleep(30_000);
      });
      expect(report).toMatchObject({ readYourWrites: [], monotonic: [] });
      expect(report.pairs).toBeGreaterThan(100);
    },
    drillTimeoutMs,
  );
});

async function sessionsDuring(fault: () => Promise<unknown>) {
  const stop = new AbortController();
  const report = runSessions({ url: settings.apiUrl, sessions, pairs, signal: stop.signal });
  await sleep(beforeMs);
  await fault();
  await sleep(afterMs);
  stop.abort();
  return report;
}
