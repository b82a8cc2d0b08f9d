import { Semaphore } from 'async-mutex';

/**
 * Writes that have met a lock take turns to wait for it. Without that, as many as the pool has connections would wait for
 * one row that somebody forgot to let go, and no other write would get a connection.
 */
export class LockTurns {
  private readonly turns: Semaphore;
  private readonly waiting = new Map<string, number>();

  /** @param atOnce how many may wait in the database at once */
  constructor(atOnce: number) {
    this.turns = new Semaphore(atOnce);
  }

  /** Whether a write of that thing waits for a lock, so that another one would, too. */
  isAwaited(thing: string | undefined): boolean {
    return thing !== undefined && this.waiting.has(thing);
  }

  async run<T>(thing: string | undefined, wait: () => Promise<T>): Promise<T> {
    this.count(thing, 1);
    try {
      return await this.turns.runExclusive(wait);
    } finally {
      this.count(thing, -1);
    }
  }

  private count(thing: string | undefined, by: number): void {
    if (thing === undefined) return;
    const count = (this.waiting.get(thing) ?? 0) + by;
    if (count === 0) this.waiting.delete(thing);
    else this.waiting.set(thing, count);
  }
}
