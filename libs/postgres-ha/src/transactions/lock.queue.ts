import { Mutex, Semaphore } from 'async-mutex';

/**
 * Lets few writes at a time wait in the database for a lock. Without it, one row that a transaction keeps locked would take every
 * connection of the pool, and writes of other rows would get none.
 *
 * Of the writes of one resource only one waits in the database: they would get its lock one after the other anyway. So they
 * do not hold up the writes of another resource that is locked for a moment.
 */
export class LockQueue {
  private readonly places: Semaphore;
  private readonly queues = new Map<string, Mutex>();

  /** @param atOnce how many writes may wait in the database at the same time */
  constructor(atOnce: number) {
    this.places = new Semaphore(atOnce);
  }

  /** Whether a write of this resource waits for a lock, so that another write of it would wait, too. */
  isAwaited(resource: string | undefined): boolean {
    return resource !== undefined && this.queues.has(resource);
  }

  async run<T>(resource: string | undefined, wait: () => Promise<T>): Promise<T> {
    const inPlace = () => this.places.runExclusive(wait);
    if (resource === undefined) return inPlace();
    const queue = this.queues.get(resource) ?? new Mutex();
    this.queues.set(resource, queue);
    try {
      return await queue.runExclusive(inPlace);
    } finally {
      // The mutex has already been handed to the next write of the queue, if there is one.
      if (!queue.isLocked()) this.queues.delete(resource);
    }
  }
}
