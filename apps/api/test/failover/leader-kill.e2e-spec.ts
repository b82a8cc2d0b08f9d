import { describe, expect } from '@jest/globals';
import { claimSurvival, useDrill } from '../support/drill.js';
import { loggedByInstances, metricOfInstances } from '../support/observed.js';

/** ttl 20 runs from the last refresh of the lock; on top come promotion, two checks of HAProxy and the first commit. */
const writeGapBoundMs = 25_000;
const recoveryBoundMs = 60_000;
const rejoinBoundMs = 60_000;
/** Of both instances, whatever the number of writes. */
const fewLines = 20;

describe('SIGKILL of the leader container', () => {
  let killed: string;
  let promoted: string;
  let held: number;
  let logged: Record<'writes_held' | 'writes_resumed', number>;

  const claim = useDrill('leader-kill', async (drill) => {
    killed = await drill.lab.leader();
    const heldBefore = await metricOfInstances('write_held_seconds_count');
    const startedAt = new Date();
    await drill.load('writes', 'reads');
    await drill.strike(() => drill.lab.kill(killed));
    await drill.recovered(recoveryBoundMs);
    await drill.stop();
    held = (await metricOfInstances('write_held_seconds_count')) - heldBefore;
    const lines = async (event: string) => (await loggedByInstances(event, startedAt)).length;
    logged = { writes_held: await lines('writes_held'), writes_resumed: await lines('writes_resumed') };
    promoted = await drill.lab.leader();
    await drill.rejoin(killed, rejoinBoundMs);
  });

  claimSurvival(claim);

  claim('is seen in the log, in few lines, and every write that was held is counted', () => {
    expect(held).toBeGreaterThan(0);
    for (const lines of Object.values(logged)) {
      expect(lines).toBeGreaterThan(0);
      expect(lines).toBeLessThanOrEqual(fewLines);
    }
  });

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
