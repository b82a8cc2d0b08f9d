import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { containerOf, docker } from '../../../../libs/chaos/test/support/docker.js';
import { runScript } from '../../../../libs/chaos/test/support/script.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { etcds } from '../../../../libs/cluster/src/core/members.mjs';
import { decisionAbout, decisions } from '../support/decisions.js';
import { leaderKey } from '../support/leader.key.js';

/** Longer than a decision, which takes a fraction of a second, and shorter than the TTL of 20 s. */
const pauseMs = 3_000;
const decisionBoundMs = 10_000;
const healthyBoundMs = 120_000;
const setUpBoundMs = 300_000;
const testBoundMs = 300_000;

const lab = useLab();

// Switched on once for all tests, for that takes longer than most of them.
beforeAll(async () => {
  await lab.nemesis.healLater({ kind: 'stopFencing' });
  await runScript('lab', 'fencing', 'on');
}, setUpBoundMs);

const id = '0'.repeat(64);
const requests: [method: string, path: string, status: number][] = [
  ['GET', '/containers/json', 200],
  // The gate lets this through, and Docker answers that there is no such container.
  ['GET', `/containers/${id}/json`, 404],
  ['POST', `/containers/${id}/kill`, 403],
  ['POST', `/containers/${id}/json`, 403],
  ['POST', '/containers/create', 403],
  ['POST', '/events', 403],
  ['DELETE', `/containers/${id}`, 403],
  ['GET', `/containers/${id}/logs`, 403],
  ['GET', `/containers/${id}/archive?path=/`, 403],
  ['GET', `/containers/${id}/json/../archive?path=/`, 403],
  ['GET', '/containers/%2e%2e/secrets', 403],
  ['GET', '/secrets', 403],
  ['GET', '/images/json', 403],
  ['GET', '/info', 403],
];

/** Prints the status of each request. node:http sends a path as it is; fetch would resolve `..` first. */
const askAll = `
const { request } = require('node:http');
const ask = ([method, path]) => new Promise((resolve, reject) => {
  const answered = (response) => resolve([method + ' ' + path, response.resume().statusCode]);
  request({ host: 'docker-gate', port: 2375, method, path, agent: false }, answered).on('error', reject).end();
});
Promise.all(JSON.parse(process.argv[1]).map(ask)).then((all) => console.log(JSON.stringify(Object.fromEntries(all))));`;

describe('The gate in front of the Docker API', () => {
  let statuses: Readonly<Record<string, number>>;

  beforeAll(async () => {
    const answered = await docker(['exec', containerOf('fencing'), 'node', '-e', askAll, JSON.stringify(requests)]);
    statuses = JSON.parse(answered) as typeof statuses;
  });

  it.each(requests)('%s %s: %i', (method, path, status) => {
    expect(statuses[`${method} ${path}`]).toBe(status);
  });

  it('cannot be reached from the network of the lab', async () => {
    const script = `fetch('http://docker-gate:2375/healthz').then(() => console.log('open'), () => console.log('shut'))`;
    expect(await docker(['exec', containerOf('api1'), 'node', '-e', script])).toBe('shut');
  });
});

describe('Fencing leaves alone', () => {
  // Heals members and etcd alone: the fencing service stays on.
  afterEach(async () => {
    await lab.nemesis.heal(...lab.members, ...etcds);
    await lab.waitHealthy(healthyBoundMs);
  }, setUpBoundMs);

  it(
    'a leader that is paused: it keeps its lock and leads on when it is unpaused',
    async () => {
      const leader = await lab.leader();
      const sinceMs = Date.now();
      const before = await leaderKey();
      await lab.nemesis.pause(leader);
      await sleep(pauseMs);
      const during = await leaderKey();
      await lab.nemesis.heal(leader);
      await lab.waitHealthy(healthyBoundMs);
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
      await lab.nemesis.crash(leader);
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
      await lab.nemesis.kill(replica);
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
      const victims = etcds.slice(0, 2);
      await lab.nemesis.kill(...victims);
      await lab.nemesis.kill(leader);
      await sleep(pauseMs);
      // The service also decides about the etcd containers, and leaves them: no lock names them.
      const decided = (await decisions(sinceMs)).map(({ death }) => death.member);
      expect(decided).not.toContain(leader);
      await lab.nemesis.heal(...victims);
      expect(await decisionAbout(leader, sinceMs, 3 * decisionBoundMs)).toMatchObject({ action: 'fence' });
    },
    testBoundMs,
  );
});
