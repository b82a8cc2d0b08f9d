import { describe, expect } from '@jest/globals';
import { claimSurvival, useDrill } from '../support/drill.js';

/** Above 1 s in any case: Patroni waits that long before it releases the key. */
const writeGapBoundMs = 6_000;
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

  claimSurvival(claim);

  claim('makes the chosen replica leader', () => {
    expect(leaderAfter).toBe(candidate);
  });

  claim('keeps clients from writing for at most 6 s', ({ writeGapMs }) => {
    expect(writeGapMs).toBeLessThanOrEqual(writeGapBoundMs);
  });
});
