import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { FaultJournal } from './fault.journal.js';
import { healJournal, NotHealedError, undoBoundMs } from './healing.js';

/** Timers may fire a little early and, on a busy machine, late. */
const earlyMs = 50;
const lateMs = 10_000;

it('An entry that cannot be undone is tried for as long as its bound says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'healing-'));
  let attempts = 0;
  try {
    const journal = await FaultJournal.open(join(folder, 'journal.json'));
    await journal.add({ kind: 'start', service: 'patroni1' });
    const undo = async () => {
      attempts += 1;
      throw new Error('no space left');
    };
    const startedMs = performance.now();
    const healing = healJournal(journal, { undo, nameOf: ({ kind }) => kind, command: 'chaos' });
    await expect(healing).rejects.toBeInstanceOf(NotHealedError);
    // The bound grows by one attempt for each.
    expect(attempts).toBe(undoBoundMs(1) - undoBoundMs(0));
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(undoBoundMs(0) - earlyMs);
    expect(tookMs).toBeLessThan(undoBoundMs(0) + lateMs);
  } finally {
    await rm(folder, { recursive: true });
  }
});
