import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryRecorder } from '../history/history.recorder.js';
import type { Channel, Operation } from '../history/operation.js';

/** A client that does one operation at a time and records it. `operate` never throws: what went wrong is in the history. */
export interface Client {
  /** Connects, where that is a step of its own. @throws Error when it can't */
  open(): Promise<void>;
  operate(dueMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Whose queue it is, and how much it may hold. */
export interface ClientQueueOptions {
  /** The kind of its clients. */
  readonly kind: string;
  readonly channel: Channel;
  readonly action: Operation['action'];
  /** How many operations may wait for a client. Those that come due beyond it are recorded as failed, and not sent. */
  readonly maxWaiting: number;
}

/**
 * Clients of one kind, and the operations that wait for one of them. Each kind has a queue of its own, so that writes that hang
 * do not hold reads back. An operation that waits keeps the time at which it was due.
 */
export class ClientQueue {
  private readonly idle: Client[];
  private readonly waiting: number[] = [];
  private readonly working = new Set<Promise<void>>();
  private unsent = 0;

  constructor(
    private readonly options: ClientQueueOptions,
    private readonly clients: readonly Client[],
    private readonly recorder: HistoryRecorder,
  ) {
    this.idle = [...clients];
  }

  /** How many operations wait for a client. */
  get backlog(): number {
    return this.waiting.length;
  }

  /**
   * Connects one client after the other: connecting all at once would slow down what is measured.
   *
   * @param signal no further client is connected when it aborts
   * @throws Error when a client can't connect, or the reason of the signal. Those that are connected stay so until {@link close}
   */
  async open(signal?: AbortSignal): Promise<void> {
    for (const client of this.clients) {
      signal?.throwIfAborted();
      await client.open();
    }
  }

  /** Gives an operation to an idle client, or lets it wait for one. */
  offer(dueMs: number): void {
    const client = this.idle.shift();
    if (client !== undefined) this.start(client, dueMs);
    else if (this.waiting.length < this.options.maxWaiting) this.waiting.push(dueMs);
    else this.refuse(dueMs);
  }

  /**
   * Resolves when every operation that was offered has ended, or after `graceMs`. Those that still wait then are recorded as not
   * sent; those under way go on.
   */
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
    const { kind, channel, action } = this.options;
    this.unsent += 1;
    const key = `unsent-${kind}-${this.unsent}`;
    this.recorder
      .begin({ session: `unsent-${kind}`, channel, action, row: 'unique', key, dueMs })
      .end({ outcome: 'failed', errorClass: 'not_sent' });
  }
}
