import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { LeaderAdmission } from './leader.admission.js';

describe('LeaderAdmission', () => {
  const limits = { leaderConcurrency: 1, leaderQueueMs: 20 };
  const writes = { deadlineMs: 30_000, maxInFlight: 2 };

  it('lets one read after the other fall back to the leader, and refuses one whose turn does not come', async () => {
    let rejected = 0;
    const admission = new LeaderAdmission(limits, writes, () => (rejected += 1));
    const served = admission.inTurn(() => sleep(60, 'first'));
    const refused = admission.inTurn(() => Promise.resolve('second'));
    await expect(refused).rejects.toMatchObject({ code: 'replicas_behind', headers: { 'Retry-After': '1' } });
    expect(rejected).toBe(1);
    await expect(served).resolves.toBe('first');
    await expect(admission.inTurn(() => Promise.resolve('third'))).resolves.toBe('third');
  });

  it('rethrows the error of a read, and gives its place to the next read', async () => {
    const admission = new LeaderAdmission(limits, writes, () => undefined);
    await expect(admission.inTurn(() => Promise.reject(new Error('cut')))).rejects.toThrow('cut');
    await expect(admission.inTurn(() => Promise.resolve('next'))).resolves.toBe('next');
  });

  it('lets as many reads wait for a leader as writes may, and the next one run without waiting', async () => {
    const admission = new LeaderAdmission(limits, writes, () => undefined);
    const waits: number[] = [];
    const read = (waitMs: number) => {
      waits.push(waitMs);
      return sleep(1);
    };
    await Promise.all([1, 2, 3].map(() => admission.asWrite(read)));
    await admission.asWrite(read);
    expect(waits).toEqual([30_000, 30_000, 0, 30_000]);
  });
});
