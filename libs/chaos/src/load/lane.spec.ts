import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHistory } from '../history/history.file.js';
import { HistoryRecorder } from '../history/history.recorder.js';
import type { Operation } from '../history/operation.js';
import { Lane, type Client } from './lane.js';

/** Does what it is given until it is let go. */
class HeldClient implements Client {
  readonly due: number[] = [];
  private release: (() => void)[] = [];

  async open(): Promise<void> {}

  async operate(dueMs: number): Promise<void> {
    this.due.push(dueMs);
    await new Promise<void>((resolve) => this.release.push(resolve));
  }

  async letGo(): Promise<void> {
    for (const release of this.release.splice(0)) release();
    await new Promise(setImmediate);
  }

  async close(): Promise<void> {}
}

const names = { name: 'test', channel: 'http', action: 'write' } as const;

async function lane(
  maxWaiting: number,
  clients: readonly Client[],
  use: (lane: Lane) => Promise<void>,
): Promise<Operation[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lane-'));
  const path = join(folder, 'history.jsonl');
  try {
    const recorder = new HistoryRecorder(path, () => 100);
    await use(new Lane({ ...names, maxWaiting }, clients, recorder));
    await recorder.close();
    return await readHistory(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('A lane', () => {
  it('lets operations wait for a client and keep the time at which they were due', async () => {
    const client = new HeldClient();
    await lane(10, [client], async (waiting) => {
      for (const dueMs of [1, 2, 3]) waiting.offer(dueMs);
      expect([client.due, waiting.backlog]).toEqual([[1], 2]);
      await client.letGo();
      await client.letGo();
      expect([client.due, waiting.backlog]).toEqual([[1, 2, 3], 0]);
    });
  });

  it('records what is due beyond its bound as failed and not sent', async () => {
    const client = new HeldClient();
    const history = await lane(1, [client], async (full) => {
      for (const dueMs of [1, 2, 3, 4]) full.offer(dueMs);
    });
    expect(client.due).toEqual([1]);
    expect(history.map(({ dueMs, outcome, errorClass }) => ({ dueMs, outcome, errorClass }))).toEqual([
      { dueMs: 3, outcome: 'failed', errorClass: 'not_sent' },
      { dueMs: 4, outcome: 'failed', errorClass: 'not_sent' },
    ]);
  });

  it('waits for what is under way at its end, but not for ever', async () => {
    const client = new HeldClient();
    await lane(1, [client], async (stuck) => {
      stuck.offer(1);
      await stuck.drain(20);
      const drained = stuck.drain(10_000);
      await client.letGo();
      await drained;
    });
  });
});
