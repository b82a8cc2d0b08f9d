import { setTimeout as sleep } from 'node:timers/promises';

/** A read of one resource that other requests of this instance wait for. */
export interface RunningRead {
  /** Resolves when the read has ended, or when it has taken too long to wait for. */
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** Lets one request of this instance read a resource, while the others that miss the same resource wait for its answer. */
export class RunningReads {
  private readonly reads = new Map<string, RunningRead>();

  /** @param maxWaitMs how long a request waits for another one's read; after that it reads for itself */
  constructor(private readonly maxWaitMs: number) {}

  get size(): number {
    return this.reads.size;
  }

  /** The read to wait for; undefined when there is none. */
  of(key: string): RunningRead | undefined {
    return this.reads.get(key);
  }

  /** Registers the caller's own read. The caller ends it whatever happens. */
  begin(key: string): RunningRead {
    const over = new AbortController();
    const ended = sleep(this.maxWaitMs, undefined, { signal: over.signal })
      .catch(() => undefined)
      .finally(() => this.reads.delete(key));
    const read: RunningRead = { ended, end: () => over.abort() };
    this.reads.set(key, read);
    return read;
  }
}
