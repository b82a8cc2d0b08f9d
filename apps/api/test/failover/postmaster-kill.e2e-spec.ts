import { describe, expect } from '@jest/globals';
import { claimSurvival, useDrill } from '../support/drill.js';

/** Patroni lives and sees it in its next loop; with primary_start_timeout 0 it gives the lock away at once. */
const writeGapBoundMs = 8_000;
const recoveryBoundMs = 60_000;

describe("SIGKILL of the leader's postmaster", () => {
  const claim = useDrill('postmaster-kill', async (drill) => {
    const leader = await drill.lab.leader();
    await drill.load('writes', 'reads');
    await drill.strike(() => drill.lab.killPostmaster(leader));
    await drill.recovered(recoveryBoundMs);
  });

  claimSurvival(claim);

  claim('keeps clients from writing for at most 8 s', ({ writeGapMs }) => {
    expect(writeGapMs).toBeLessThanOrEqual(writeGapBoundMs);
  });
});
