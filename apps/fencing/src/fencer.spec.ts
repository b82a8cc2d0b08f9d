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

/** Deals with one death; `locks` and `revocations` are what etcd says, one after the other. */
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
  it('counts who else could hold the lock after it has read the lock', async () => {
    const { steps, decision } = await fence([lock], ['released']);
    expect(steps).toEqual(['inspect', 'lock', 'inspect', 'claimants']);
    expect(decision).toMatchObject({ action: 'fence', reason: 'confirmed-dead' });
  });

  it.each<[string, (LeaderLock | 'absent')[], (Revocation | 'lost')[], string]>([
    ['that another took the lock', [lock], ['lock-changed'], 'lock-changed'],
    ['that another took it, perhaps because this service released it', [lock], ['unconfirmed'], 'unconfirmed'],
    ['the same, seen at the next look after no answer', [lock, another], ['lost'], 'unconfirmed'],
    ['the same, where nobody leads yet', [lock, 'absent'], ['lost'], 'unconfirmed'],
    ['the same, where it was asked twice', [lock, lock], ['lost', 'lock-changed'], 'unconfirmed'],
    ['that another leads', [another], [], 'another-leads'],
  ])('says %s', async (_, locks, revocations, reason) => {
    expect((await fence(locks, revocations)).decision).toMatchObject({ action: 'leave', reason });
  });

  it('fences at the next look when the lock is still there after no answer', async () => {
    const { decision } = await fence([lock, lock], ['lost', 'released']);
    expect(decision).toMatchObject({ action: 'fence', reason: 'confirmed-dead', looks: 2 });
  });
});
