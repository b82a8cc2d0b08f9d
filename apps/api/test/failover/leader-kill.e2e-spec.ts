import { describe, expect } from '@jest/globals';
import { useDrill } from '../support/drill.js';
import { failed } from '../support/history.js';

/** ttl 20 runs from the last refresh of the lock; on top come promotion, two checks of HAProxy and the first commit. */
const writeGapBoundMs = 25_000;
/** All writes held by both instances go through the pools at once. */
const catchUpMs = 5_000;
const recoveryBoundMs = 60_000;
const rejoinBoundMs = 60_000;

describe('SIGKILL of the leader container', () => {
  let killed: string;
  let promoted: string;

  const claim = useDrill('leader-kill', async (drill) => {
    killed = await drill.lab.leader();
    await drill.load('writes', 'reads');
    await drill.strike(() => drill.lab.kill(killed));
    await drill.recovered(recoveryBoundMs);
    await drill.stop();
    promoted = await drill.lab.leader();
    await drill.rejoin(killed, rejoinBoundMs);
  });

  claim('makes another member leader', () => {
    expect(promoted).not.toBe(killed);
  });

  claim('keeps clients from writing for at most 25 s', ({ writeGapMs }) => {
    expect(writeGapMs).toBeLessThanOrEqual(writeGapBoundMs);
  });

  claim('loses no acknowledged write', ({ writes }) => {
    expect(writes.acknowledged).toBeGreaterThan(0);
    expect(writes.lost).toEqual([]);
  });

  claim('writes nothing twice', ({ writes }) => {
    expect(writes.duplicates).toEqual([]);
  });

  claim('lets the old leader, once started again, stream from the new one within 60 s', ({ rejoinMs }) => {
    expect(rejoinMs).toBeLessThanOrEqual(rejoinBoundMs);
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
