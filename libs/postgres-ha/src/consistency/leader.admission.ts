import { E_TIMEOUT, Semaphore, withTimeout, type SemaphoreInterface } from 'async-mutex';
import { unavailable } from '../errors/postgres-ha.error.js';
import type { ResolvedConsistency, ResolvedTransactions } from '../options/resolved.options.js';

/** Bounds how many reads the leader has at once, so that they leave room for the writes. */
export class LeaderAdmission {
  private readonly turns: SemaphoreInterface;
  private admittedAsWrites = 0;

  /** @param rejected is told of each read that got no turn */
  constructor(
    { leaderConcurrency, leaderQueueMs }: Pick<ResolvedConsistency, 'leaderConcurrency' | 'leaderQueueMs'>,
    private readonly writes: Pick<ResolvedTransactions, 'deadlineMs' | 'maxInFlight'>,
    private readonly rejected: () => void,
  ) {
    this.turns = withTimeout(new Semaphore(leaderConcurrency), leaderQueueMs);
  }

  /**
   * For reads that fall back to the leader: they take turns, so that lagging replicas cannot send it all their reads at once.
   *
   * @throws PostgresHaError `replicas_behind` when its turn does not come within `leaderQueueMs`
   */
  async inTurn<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await this.turns.runExclusive(read);
    } catch (error) {
      if (error !== E_TIMEOUT) throw error;
      this.rejected();
      throw unavailable('replicas_behind', 'The replicas are behind and the leader is busy with other such reads.', {
        retryAfterSeconds: 1,
      });
    }
  }

  /**
   * For reads that only the leader may answer: each may wait for a leader as long as a write does, and as many at once as
   * writes may. The next is run as well, but may not wait.
   *
   * @param read is told how long it may wait for a leader
   */
  async asWrite<T>(read: (waitMs: number) => Promise<T>): Promise<T> {
    const waitMs = this.admittedAsWrites < this.writes.maxInFlight ? this.writes.deadlineMs : 0;
    this.admittedAsWrites += 1;
    try {
      return await read(waitMs);
    } finally {
      this.admittedAsWrites -= 1;
    }
  }
}
