import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { containerOf, docker } from '../../../api/test/support/docker.js';
import { LabController } from '../../../api/test/support/lab.controller.js';
import { decisionAbout, decisions } from '../support/decisions.js';
import { fencing } from '../support/fencing.switch.js';
import { leaderKey } from '../support/leader.key.js';

/** Long enough for a decision, of which each takes a fraction of a second; shorter than the TTL of 20 s. */
const pauseMs = 6_000;
const decisionBoundMs = 10_000;
const setUpBoundMs = 300_000;
const testBoundMs = 300_000;

describe('Fencing leaves alone', () => {
  const lab = new LabController();

  beforeAll(async () => {
    await lab.heal();
    await fencing('on');
  }, setUpBoundMs);
  afterEach(() => lab.heal(), setUpBoundMs);
  afterAll(() => fencing('off'), setUpBoundMs);

  it(
    'a leader that is paused: it keeps its lock and leads on when it thaws',
    async () => {
      const leader = await lab.leader();
      const sinceMs = Date.now();
      const before = await leaderKey();
      await lab.pause(leader);
      await sleep(pauseMs);
      const during = await leaderKey();
      await lab.heal();
      expect(during).toEqual(before);
      expect(await leaderKey()).toEqual(before);
      expect(await decisions(sinceMs)).toEqual([]);
    },
    testBoundMs,
  );

  it(
    'a leader that crashes and is restarted by Docker',
    async () => {
      const leader = await lab.leader();
      const sinceMs = Date.now();
      const before = await leaderKey();
      // Everything but the first process, which then ends by itself: a crash, after which the restart policy holds.
      await docker(['exec', containerOf(leader), 'bash', '-c', 'kill -KILL -1']).catch(() => undefined);
      const decision = await decisionAbout(leader, sinceMs, decisionBoundMs);
      const after = await leaderKey();
      expect(decision).toMatchObject({ action: 'leave' });
      expect(['restarting', 'running', 'restarted-in-between']).toContain(decision.reason);
      expect(after).toEqual(before);
    },
    testBoundMs,
  );

  it(
    'the lock of the leader when a replica is killed',
    async () => {
      const [replica = ''] = await lab.replicas();
      const sinceMs = Date.now();
      const before = await leaderKey();
      await lab.kill(replica);
      expect(await decisionAbout(replica, sinceMs, decisionBoundMs)).toMatchObject({
        action: 'leave',
        reason: 'another-leads',
      });
      expect(await leaderKey()).toEqual(before);
    },
    testBoundMs,
  );

  it(
    'a dead leader for as long as etcd has no quorum, and fences it once etcd answers',
    async () => {
      const leader = await lab.leader();
      const sinceMs = Date.now();
      const victims = await lab.killEtcd(2);
      await lab.kill(leader);
      await sleep(pauseMs);
      // The etcd containers died as well, and are left: no lock names them, or none can be read.
      const members = (await decisions(sinceMs)).map(({ death }) => death.member);
      expect(members).not.toContain(leader);
      await lab.start(...victims);
      expect(await decisionAbout(leader, sinceMs, 3 * decisionBoundMs)).toMatchObject({ action: 'fence' });
    },
    testBoundMs,
  );
});
