import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHistory } from '../history/history.file.js';
import { HistoryRecorder } from '../history/history.recorder.js';
import type { Operation } from '../history/operation.js';
import { ClientQueue, type Client } from './client.queue.js';

/** A client whose operations end when the test lets them. */
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

const kind = { kind: 'test', channel: 'http', action: 'write' } as const;

async function withQueue(
  maxWaiting: number,
  clients: readonly Client[],
  use: (queue: ClientQueue) => Promise<void>,
): Promise<Operation[]> {
  const folder = await mkdtemp(join(tmpdir(), 'client-queue-'));
  const path = join(folder, 'history.jsonl');
  try {
    const recorder = new HistoryRecorder(path, () => 100);
    await use(new ClientQueue({ ...kind, maxWaiting }, clients, recorder));
    await recorder.close();
    return await readHistory(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('A queue of clients', () => {
  it('lets operations wait for a client and keep the time at which they were due', async () => {
    const client = new HeldClient();
    await withQueue(10, [client], async (queue) => {
      for (const dueMs of [1, 2, 3]) queue.offer(dueMs);
      expect([client.due, queue.backlog]).toEqual([[1], 2]);
      await client.letGo();
      await client.letGo();
      expect([client.due, queue.backlog]).toEqual([[1, 2, 3], 0]);
    });
  });

  it('records operations beyond its bound as failed and not sent', async () => {
    const client = new HeldClient();
    const history = await withQueue(1, [client], async (queue) => {
      for (const dueMs of [1, 2, 3, 4]) queue.offer(dueMs);
    });
    expect(client.due).toEqual([1]);
    expect(history.map(({ dueMs, outcome, errorClass }) => ({ dueMs, outcome, errorClass }))).toEqual([
      { dueMs: 3, outcome: 'failed', errorClass: 'not_sent' },
      { dueMs: 4, outcome: 'failed', errorClass: 'not_sent' },
    ]);
  });

  it('drains until the operations under way have ended, or its time is over', async () => {
    const client = new HeldClient();
    await withQueue(1, [client], async (queue) => {
      queue.offer(1);
      await queue.drain(20);
      const drained = queue.drain(10_000);
      await client.letGo();
      await drained;
    });
  });
});
