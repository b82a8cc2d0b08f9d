import { describe, expect } from '@jest/globals';
import { claimSurvival, useDrill } from '../support/drill.js';

/** ttl 20 runs from the last refresh of the lock; on top come promotion, two checks of HAProxy and the first commit. */
const writeGapBoundMs = 25_000;
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

  claimSurvival(claim);

  claim('makes another member leader', () => {
    expect(promoted).not.toBe(killed);
  });

  claim('keeps clients from writing for at most 25 s', ({ writeGapMs }) => {
    expect(writeGapMs).toBeLessThanOrEqual(writeGapBoundMs);
  });

  claim('lets the old leader, once started again, stream from the new one within 60 s', ({ rejoinMs }) => {
    expect(rejoinMs).toBeLessThanOrEqual(rejoinBoundMs);
  });
});
