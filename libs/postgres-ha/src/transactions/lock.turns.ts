import { Mutex, Semaphore } from 'async-mutex';

/**
 * Writes that have met a lock take turns to wait for it. Without that, as many as the pool has connections would wait for
 * one row that somebody forgot to let go, and no other write would get a connection.
 *
 * Of the writes of one thing, one waits in the database at a time: they would get its lock one after the other in any
 * case, and the writes of another thing that is locked for a moment do not queue behind them.
 */
export class LockTurns {
  private readonly turns: Semaphore;
  private readonly things = new Map<string, Mutex>();

  /** @param atOnce how many may wait in the database at once */
  constructor(atOnce: number) {
    this.turns = new Semaphore(atOnce);
  }

  /** Whether a write of that thing waits for a lock, so that another one would, too. */
  isAwaited(thing: string | undefined): boolean {
    return thing !== undefined && this.things.has(thing);
  }

  async run<T>(thing: string | undefined, wait: () => Promise<T>): Promise<T> {
    const inTurn = () => this.turns.runExclusive(wait);
    if (thing === undefined) return inTurn();
    const ofThing = this.things.get(thing) ?? new Mutex();
    this.things.set(thing, ofThing);
    try {
      return await ofThing.runExclusive(inTurn);
    } finally {
      // Whoever is next in the queue has it locked already.
      if (!ofThing.isLocked()) this.things.delete(thing);
    }
  }
}
