import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryRecorder } from '../history/history.recorder.js';
import type { Channel, Operation } from '../history/operation.js';

/** A client that does one operation at a time and records it. It never throws: what went wrong is in the history. */
export interface Client {
  /** Connects, where that is a step of its own. @throws Error when it can't */
  open(): Promise<void>;
  operate(dueMs: number): Promise<void>;
  close(): Promise<void>;
}

/** What a lane is called and how much it may hold. */
export interface LaneOptions {
  readonly name: string;
  readonly channel: Channel;
  readonly action: Operation['action'];
  /** Operations that may wait for a client. What is due beyond that is recorded as failed, not sent. */
  readonly maxWaiting: number;
}

/**
 * Clients of one kind and the operations that wait for them. Lanes are apart from each other, so that writes that hang do not
 * hold reads back; an operation that waits keeps the time at which it was due.
 */
export class Lane {
  private readonly idle: Client[];
  private readonly waiting: number[] = [];
  private readonly working = new Set<Promise<void>>();
  private unsent = 0;

  constructor(
    private readonly options: LaneOptions,
    private readonly clients: readonly Client[],
    private readonly recorder: HistoryRecorder,
  ) {
    this.idle = [...clients];
  }

  /** Operations that wait for a client. */
  get backlog(): number {
    return this.waiting.length;
  }

  /** One client after the other: a crowd at the door would be part of what is measured. */
  async open(): Promise<void> {
    for (const client of this.clients) await client.open();
  }

  offer(dueMs: number): void {
    const client = this.idle.shift();
    if (client !== undefined) this.start(client, dueMs);
    else if (this.waiting.length < this.options.maxWaiting) this.waiting.push(dueMs);
    else this.refuse(dueMs);
  }

  /** Lets what was offered end, or `graceMs` pass: what waits then is recorded as not sent, what is under way stays open. */
  async drain(graceMs: number): Promise<void> {
    const endMs = performance.now() + graceMs;
    const late = sleep(graceMs, undefined, { ref: false });
    while (this.working.size > 0 && performance.now() < endMs) await Promise.race([...this.working, late]);
    for (const dueMs of this.waiting.splice(0)) this.refuse(dueMs);
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }

  private start(client: Client, dueMs: number): void {
    const work = client.operate(dueMs).finally(() => {
      this.working.delete(work);
      const next = this.waiting.shift();
      if (next === undefined) this.idle.push(client);
      else this.start(client, next);
    });
    this.working.add(work);
  }

  private refuse(dueMs: number): void {
    const { name, channel, action } = this.options;
    this.unsent += 1;
    const key = `unsent-${name}-${this.unsent}`;
    this.recorder
      .begin({ session: `unsent-${name}`, channel, action, row: 'unique', key, dueMs })
      .end({ outcome: 'failed', errorClass: 'not_sent' });
  }
}
