import { describe, expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { useDrill } from '../support/drill.js';

/** Longer than ttl and loop_wait together (22 s): without failsafe_mode the leader would have stepped down. */
const outageMs = 23_000;
const recoveryBoundMs = 30_000;

describe('SIGKILL of two of three etcd members for longer than the TTL', () => {
  let leaderBefore: string;
  let leaderAfter: string;

  const claim = useDrill('etcd-quorum-loss', async (drill) => {
    leaderBefore = await drill.lab.leader();
    await drill.load('writes', 'reads');
    let victims: string[] = [];
    await drill.strike(async () => {
      victims = await drill.lab.killEtcd(2);
    });
    await sleep(outageMs);
    await drill.lab.start(...victims);
    await drill.lab.waitHealthy(recoveryBoundMs);
    await drill.recovered(recoveryBoundMs);
    leaderAfter = await drill.lab.leader();
  });

  claim('fails no write', ({ writes, writeAttempts }) => {
    expect(writes.acknowledged).toBeGreaterThan(0);
    expect(writeAttempts.filter(({ acknowledged }) => !acknowledged)).toEqual([]);
  });

  claim('fails no read', ({ readAttempts }) => {
    expect(readAttempts.filter(({ acknowledged }) => !acknowledged)).toEqual([]);
  });

  claim('loses no acknowledged write and writes nothing twice', ({ writes }) => {
    expect(writes).toMatchObject({ lost: [], duplicates: [] });
  });

  claim('leaves the leader in place', () => {
    expect(leaderAfter).toBe(leaderBefore);
  });
});
