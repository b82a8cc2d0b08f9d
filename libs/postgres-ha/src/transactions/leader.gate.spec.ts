import { describe, expect, it } from '@jest/globals';
import { LeaderGate } from './leader.gate.js';

const failing = (times: number) => {
  let asked = 0;
  const probe = () => {
    asked += 1;
    return asked > times ? Promise.resolve() : Promise.reject(new Error('no leader'));
  };
  return { probe, asked: () => asked };
};
const soon = () => performance.now() + 5_000;

describe('LeaderGate', () => {
  it('is open at first and does not probe', async () => {
    const leader = failing(0);
    const gate = new LeaderGate({ probe: leader.probe, baseMs: 1, maxMs: 1 });
    await gate.waitUntilOpen(soon());
    expect(leader.asked()).toBe(0);
  });

  it('probes once for all waiting writes, until the leader is back', async () => {
    const leader = failing(3);
    const gate = new LeaderGate({ probe: leader.probe, baseMs: 1, maxMs: 2 });
    for (let waiting = 0; waiting < 100; waiting += 1) gate.close();
    await Promise.all(Array.from({ length: 100 }, () => gate.waitUntilOpen(soon())));
    expect(gate.isOpen).toBe(true);
    expect(leader.asked()).toBe(4);
  });

  it('releases a write at its deadline, and stays closed', async () => {
    const gate = new LeaderGate({ probe: () => Promise.reject(new Error('no leader')), baseMs: 1, maxMs: 2 });
    gate.close();
    await gate.waitUntilOpen(performance.now() + 20);
    expect(gate.isOpen).toBe(false);
    gate.shutDown();
  });

  it('opens for all writes when the service shuts down', async () => {
    const gate = new LeaderGate({ probe: () => Promise.reject(new Error('no leader')), baseMs: 1, maxMs: 2 });
    gate.close();
    gate.shutDown();
    await gate.waitUntilOpen(soon());
    expect(gate.isOpen).toBe(true);
  });
});
