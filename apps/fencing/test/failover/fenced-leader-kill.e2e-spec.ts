import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LabController } from '../../../api/test/support/lab.controller.js';
import { decisions, type LoggedDecision } from '../support/decisions.js';
import { fencing } from '../support/fencing.switch.js';
import { killLeader, type LeaderKill } from '../support/leader.kill.js';

const runs = 3;
/** Without fencing the lock alone lives for 18 s and more. */
const writeGapBoundMs = 5_000;
const setUpBoundMs = 600_000;

describe('SIGKILL of the leader container while fencing is on', () => {
  const lab = new LabController();
  const kills: LeaderKill[] = [];
  let decided: LoggedDecision[];

  beforeAll(async () => {
    await lab.heal();
    await fencing('on');
    const sinceMs = Date.now();
    for (let run = 0; run < runs; run += 1) kills.push(await killLeader(lab));
    decided = await decisions(sinceMs);
    const gaps = kills.map(({ writeGapMs, killed }) => `${(writeGapMs / 1_000).toFixed(2)} s (${killed})`);
    console.log(`fenced-leader-kill: write gaps on plain SQL ${gaps.join(', ')}`);
  }, setUpBoundMs);

  afterAll(() => fencing('off'), setUpBoundMs);

  it('is confirmed and fenced, each of three times', () => {
    expect(decided.map(({ death, action, reason }) => ({ member: death.member, action, reason }))).toEqual(
      kills.map(({ killed }) => ({ member: killed, action: 'fence', reason: 'confirmed-dead' })),
    );
  });

  it('makes another member leader', () => {
    for (const { killed, promoted } of kills) expect(promoted).not.toBe(killed);
  });

  it('keeps SQL clients from writing for a few seconds, not for the TTL', () => {
    for (const { writeGapMs } of kills) expect(writeGapMs).toBeLessThanOrEqual(writeGapBoundMs);
  });

  it('loses nothing that was acknowledged and writes nothing twice', () => {
    for (const { writes } of kills) {
      expect(writes.acknowledged).toBeGreaterThan(0);
      expect(writes).toMatchObject({ lost: [], duplicates: [] });
    }
  });
});
