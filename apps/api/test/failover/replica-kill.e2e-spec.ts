import { describe, expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { useDrill } from '../support/drill.js';
import { failuresAfter } from '../support/history.js';

/** Requests under way on the dead node may fail for this long, and none after it. */
const readGraceMs = 1_000;
const recoveryBoundMs = 30_000;

/** Longer than the life of a pooled read connection (30 s), so that reconnects meet the missing replica too. */
const outageMs = 35_000;

describe('SIGKILL of one replica', () => {
  const claim = useDrill('replica-kill', async (drill) => {
    const [replica = ''] = await drill.lab.replicas();
    await drill.load('writes', 'reads');
    await drill.strike(() => drill.lab.kill(replica));
    await drill.recovered(recoveryBoundMs);
    await sleep(outageMs);
  });

  claim('fails no read after the first second', ({ readAttempts, struckMs }) => {
    expect(readAttempts.length).toBeGreaterThan(0);
    expect(failuresAfter(readAttempts, struckMs, readGraceMs)).toEqual([]);
  });

  claim('leaves reads to the other replica, not to the leader', ({ readAttempts, struckMs }) => {
    const later = readAttempts.filter(({ startedMs }) => startedMs > struckMs + readGraceMs);
    const servers = new Set(later.map(({ servedBy }) => servedBy));
    expect([...servers]).toEqual([expect.stringMatching(/^patroni[123]; replica$/)]);
  });

  claim('loses no acknowledged write and writes nothing twice', ({ writes }) => {
    expect(writes).toMatchObject({ lost: [], duplicates: [] });
    expect(writes.acknowledged).toBeGreaterThan(0);
  });
});
