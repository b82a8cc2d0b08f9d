import { describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { dead, death, lock } from '../test/support/dead.leader.js';
import type { Death, DockerClient } from './docker.client.js';
import { EtcdUnavailableError, type EtcdLease, type Revocation } from './etcd.lease.js';
import type { LeaderLock } from './fence.decision.js';
import { Fencer } from './fencer.js';
import { fencingSchema } from './fencing.environment.js';
import { FencingMetrics } from './fencing.metrics.js';

const environment = fencingSchema.parse({
  DOCKER_URL: 'http://127.0.0.1:2375',
  COMPOSE_PROJECT: 'lab',
  PATRONI_SCOPE: 'pg-ha',
  ETCD_URLS: 'http://127.0.0.1:2379',
  DOUBT_PAUSE_MS: 10,
});
const another: LeaderLock = { member: 'patroni2', lease: '7600' };

/** Has a fencer handle one death; `locks` and `revocations` are the answers of etcd, in their order. */
async function fence(locks: (LeaderLock | 'absent')[], revocations: (Revocation | 'lost')[]) {
  const steps: string[] = [];
  const said: Record<string, unknown>[] = [];
  const stopping = new AbortController();
  const died: Death = { who: death, atMs: Date.now() };
  const docker = {
    async *deaths() {
      yield died;
      await decided;
      stopping.abort();
    },
    inspect: async () => (steps.push('inspect'), dead),
    claimants: async () => (steps.push('claimants'), ['c1']),
  };
  const etcd = {
    lock: async () => (steps.push('lock'), locks.shift()),
    revoke: async () => {
      const outcome = revocations.shift();
      if (outcome === 'lost') throw new EtcdUnavailableError('no etcd member answered');
      return outcome;
    },
  };
  let decide: () => void;
  const decided = new Promise<void>((resolve) => (decide = resolve));
  const write = (line: string) => {
    const entry = JSON.parse(line) as Record<string, unknown>;
    if (String(entry['msg']).startsWith('decided: ')) {
      said.push(entry);
      decide();
    }
  };
  await new Fencer(
    environment,
    docker as unknown as DockerClient,
    etcd as unknown as EtcdLease,
    new FencingMetrics(),
    pino({}, { write }),
  ).run(stopping.signal);
  return { steps, decision: said[0] };
}

describe('The fencer', () => {
  it('lists the containers of the member after it has read the lock', async () => {
    const { steps, decision } = await fence([lock], ['released']);
    expect(steps).toEqual(['inspect', 'lock', 'inspect', 'claimants']);
    expect(decision).toMatchObject({ action: 'fence', reason: 'confirmed-dead' });
  });

  it.each<[string, (LeaderLock | 'absent')[], (Revocation | 'lost')[], string]>([
    ['that another member took the lock', [lock], ['lock-changed'], 'lock-changed'],
    ['that another member took it, perhaps because this service released it', [lock], ['unconfirmed'], 'unconfirmed'],
    [
      'the same, where it sees that at the next look after an unanswered request',
      [lock, another],
      ['lost'],
      'unconfirmed',
    ],
    ['the same, where nobody leads yet after an unanswered request', [lock, 'absent'], ['lost'], 'unconfirmed'],
    ['the same, where the second request finds another holder', [lock, lock], ['lost', 'lock-changed'], 'unconfirmed'],
    ['that another member leads', [another], [], 'another-leads'],
  ])('says %s', async (_, locks, revocations, reason) => {
    expect((await fence(locks, revocations)).decision).toMatchObject({ action: 'leave', reason });
  });

  it('fences at the next look when the lock is still there after an unanswered request', async () => {
    const { decision } = await fence([lock, lock], ['lost', 'released']);
    expect(decision).toMatchObject({ action: 'fence', reason: 'confirmed-dead', looks: 2 });
  });
});
