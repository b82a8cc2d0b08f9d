import { describe, expect } from '@jest/globals';
import { useDrill } from '../support/drill.js';
import { failed } from '../support/history.js';

/** Patroni lives and sees it in its next loop; with primary_start_timeout 0 it gives the lock away at once. */
const writeGapBoundMs = 8_000;
/** All writes held by both instances go through the pools at once. */
const catchUpMs = 5_000;
const recoveryBoundMs = 60_000;

describe("SIGKILL of the leader's postmaster", () => {
  const claim = useDrill('postmaster-kill', async (drill) => {
    const leader = await drill.lab.leader();
    await drill.load('writes', 'reads');
    await drill.strike(() => drill.lab.killPostmaster(leader));
    await drill.recovered(recoveryBoundMs);
  });

  claim('keeps clients from writing for at most 8 s', ({ writeGapMs }) => {
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
