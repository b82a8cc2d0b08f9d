import { describe, expect } from '@jest/globals';
import { useDrill } from '../support/drill.js';
import { failed } from '../support/history.js';

/** Above 1 s in any case: Patroni waits that long before it releases the key. */
const writeGapBoundMs = 6_000;
/** All writes held by both instances go through the pools at once. */
const catchUpMs = 5_000;
const recoveryBoundMs = 60_000;

describe('A switchover', () => {
  let candidate: string;
  let leaderAfter: string;

  const claim = useDrill('switchover', async (drill) => {
    const leader = await drill.lab.leader();
    [candidate = ''] = await drill.lab.replicas();
    await drill.load('writes', 'reads');
    await drill.strike(() => drill.lab.switchover(leader, candidate));
    await drill.recovered(recoveryBoundMs);
    leaderAfter = await drill.lab.leader();
  });

  claim('makes the chosen replica leader', () => {
    expect(leaderAfter).toBe(candidate);
  });

  claim('keeps clients from writing for at most 6 s', ({ writeGapMs }) => {
    expect(writeGapMs).toBeLessThanOrEqual(writeGapBoundMs);
  });

  claim('loses no acknowledged write', ({ writes }) => {
    expect(writes.acknowledged).toBeGreaterThan(0);
    expect(writes.lost).toEqual([]);
  });

  claim('writes nothing twice', ({ writes }) => {
    expect(writes.duplicates).toEqual([]);
  });

  claim('fails no request', ({ writeAttempts, readAttempts }) => {
    expect(failed([...writeAttempts, ...readAttempts])).toEqual([]);
  });

  claim('loses no update and leaves no ghost', (result) => {
    expect(result).toMatchObject({ lostUpdates: [], writes: { ghosts: [] } });
  });

  claim('holds no request for longer than the write gap and the time to catch up', ({ longestMs, writeGapMs }) => {
    expect(longestMs).toBeLessThanOrEqual(writeGapMs + catchUpMs);
  });
});
