import { beforeAll, describe, expect, it } from '@jest/globals';
import { edgeCut } from '../../../../libs/chaos/src/faults/edge-cut.fault.js';
import { edgeFreeze } from '../../../../libs/chaos/src/faults/edge-freeze.fault.js';
import { edgeKill } from '../../../../libs/chaos/src/faults/edge-kill.fault.js';
import { edgeMove } from '../../../../libs/chaos/src/faults/edge-move.fault.js';
import { edgeRestart } from '../../../../libs/chaos/src/faults/edge-restart.fault.js';
import type { Fault } from '../../../../libs/chaos/src/faults/fault.js';
import { claimSafety, claimSurvival, useDrill } from '../../../../libs/chaos/test/support/drill.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { edges } from '../../../../libs/cluster/src/core/members.mjs';

/** Half of that of other drills: two proxies and a forwarder take a quarter of a core more than one proxy, and a slow machine never catches up. */
const ratePerSecond = 80;
const setUpBoundMs = 300_000;
const recoveryBoundMs = 30_000;
/** Long enough for probes to end the connections through a proxy that is silent. */
const silenceHoldMs = 5_000;
/** The address moves within 0.8 s; twice what was seen for a client that connects anew. */
const gapBoundMs = 4_000;

interface EdgeDrill {
  readonly fault: Fault;
  /** What becomes of the proxy with the address, in the words of a test title. */
  readonly done: string;
  readonly holdMs: number;
}

const drills: readonly EdgeDrill[] = [
  { fault: edgeKill, done: 'killed', holdMs: 2_000 },
  { fault: edgeFreeze, done: 'frozen', holdMs: silenceHoldMs },
  { fault: edgeCut, done: 'cut off', holdMs: silenceHoldMs },
  { fault: edgeMove, done: 'told to give it away', holdMs: 2_000 },
  { fault: edgeRestart, done: 'restarted after the other one', holdMs: 0 },
];

const lab = useLab();

/** Kills the proxy with the address while the forwarder keeps as many connections to it as it can. @returns the status of the next GET */
async function getAfterKill(): Promise<number> {
  const get = () => fetch(`${settings.apiUrl}/products?limit=1`).then(({ status }) => status);
  const holder = await lab.edgeHolder();
  // At once, so that each needs a connection of its own, which is kept.
  await Promise.all(Array.from({ length: 60 }, get));
  await lab.nemesis.kill(holder);
  try {
    return await get();
  } finally {
    await lab.nemesis.heal(holder);
    await lab.waitForEdge(holder);
  }
}

describe('Two proxies with a virtual IP', () => {
  let statusAfterKill = 0;
  const moves: { readonly from: string; readonly to: string }[] = [];

  beforeAll(async () => {
    if (!(await lab.hasEdge())) await lab.nemesis.healLater({ kind: 'removeEdge' });
    await lab.edge('on');
    statusAfterKill = await getAfterKill();
  }, setUpBoundMs);

  const claim = useDrill('edge', lab, async (drill) => {
    await drill.load({ ratePerSecond });
    for (const { fault, holdMs } of drills) {
      const from = await lab.edgeHolder();
      await drill.inject(fault, holdMs);
      moves.push({ from, to: await lab.edgeHolder(edges.filter((edge) => edge !== from)) });
      await drill.heal(...edges);
      await drill.recovered(recoveryBoundMs);
    }
  });

  it('give the address to the other one each time', () => {
    expect(moves).toHaveLength(drills.length);
    for (const { from, to } of moves) expect(to).not.toBe(from);
  });

  it('answer a GET although all connections that are kept to the dead proxy cost a try', () =>
    expect(statusAfterKill).toBe(200));

  claimSafety(claim, 'whatever is done to the proxies');
  for (const { fault, done } of drills) {
    claimSurvival(claim, fault.name, `while the proxy with the address is ${done}`);
    claim(
      `Reads and writes go on within ${gapBoundMs / 1_000} s, on a slow machine more, after the proxy was ${done}`,
      (result) => {
        const { writeGapMs, readGapMs } = result.during(fault.name);
        expect(writeGapMs).toBeLessThan(gapBoundMs * result.slowness);
        expect(readGapMs).toBeLessThan(gapBoundMs * result.slowness);
      },
    );
  }
});
