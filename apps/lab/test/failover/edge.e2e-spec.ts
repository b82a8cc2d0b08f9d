import { beforeAll, describe, expect, it } from '@jest/globals';
import { edgeFreeze } from '../../../../libs/chaos/src/faults/edge-freeze.fault.js';
import { edgeKill } from '../../../../libs/chaos/src/faults/edge-kill.fault.js';
import { claimSafety, claimSurvival, useDrill } from '../../../../libs/chaos/test/support/drill.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { edges } from '../../../../libs/cluster/src/core/members.mjs';

/** Half of that of other drills: two proxies and a forwarder take a quarter of a core more than one proxy, and a slow machine never catches up. */
const ratePerSecond = 80;
const setUpBoundMs = 300_000;
const recoveryBoundMs = 30_000;
const killHoldMs = 2_000;
/** Long enough for the other proxy to take the address, and for probes to end the connections through the frozen one. */
const freezeHoldMs = 5_000;
/** The address moves within 0.8 s; twice what was seen for a client that connects anew. */
const gapBoundMs = 4_000;

const lab = useLab();

describe('Two proxies with a virtual IP', () => {
  const holders: string[] = [];

  beforeAll(async () => {
    if (!(await lab.hasEdge())) await lab.nemesis.healLater({ kind: 'removeEdge' });
    await lab.edge('on');
  }, setUpBoundMs);

  const claim = useDrill('edge', lab, async (drill) => {
    await drill.load({ ratePerSecond });
    for (const [fault, holdMs] of [
      [edgeKill, killHoldMs],
      [edgeFreeze, freezeHoldMs],
    ] as const) {
      const before = await lab.edgeHolder();
      await drill.inject(fault, holdMs);
      holders.push(before, await lab.edgeHolder(edges.filter((edge) => edge !== before)));
      await drill.heal(...edges);
      await drill.recovered(recoveryBoundMs);
    }
  });

  it('give the address to the one that lives', () => {
    const [beforeKill, afterKill, beforeFreeze, afterFreeze] = holders;
    expect(afterKill).not.toBe(beforeKill);
    expect(afterFreeze).not.toBe(beforeFreeze);
  });

  claimSafety(claim, 'while proxies are killed and frozen');
  for (const [{ name }, done] of [
    [edgeKill, 'killed'],
    [edgeFreeze, 'frozen'],
  ] as const) {
    claimSurvival(claim, name, `while the proxy with the address is ${done}`);
    claim(
      `Reads and writes go on within ${gapBoundMs / 1_000} s, on a slow machine more, after a proxy was ${done}`,
      (result) => {
        const { writeGapMs, readGapMs } = result.during(name);
        expect(writeGapMs).toBeLessThan(gapBoundMs * result.slowness);
        expect(readGapMs).toBeLessThan(gapBoundMs * result.slowness);
      },
    );
  }
});
