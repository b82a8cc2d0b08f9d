import type { ClusterPool } from '../database/cluster.pool.js';
import { withClient } from '../database/connection.checkout.js';
import { LeaderSamples } from './leader.samples.js';
import { askPosition } from './node.position.js';
import type { Replayed } from './position.js';

const windowMs = 60_000;

/**
 * Asks the leader for its position every `sampleIntervalMs`, for bounded reads. Without a leader they soon are too old. It never
 * opens the first connection: a leader that is shutting down would pay for each with a process, just when others wait for its end.
 */
export class LeaderSampler {
  private readonly samples = new LeaderSamples(windowMs);
  private timer: NodeJS.Timeout | undefined;
  private asking = false;

  constructor(
    private readonly leader: ClusterPool,
    private readonly intervalMs: number,
  ) {}

  /** See {@link LeaderSamples.requiredFor}. */
  requiredFor(maxStalenessMs: number): Replayed | undefined {
    return this.samples.requiredFor(maxStalenessMs, performance.now());
  }

  /** Samples from now on. */
  start(): void {
    this.timer = setInterval(() => void this.sample(), this.intervalMs);
    this.timer.unref();
  }

  /** Ends that. */
  stop(): void {
    clearInterval(this.timer);
  }

  /** A failure is not reported: a bounded read notices that the samples are too old. */
  private async sample(): Promise<void> {
    if (this.asking || !this.leader.isServing) return;
    this.asking = true;
    try {
      const { timeline, lsn, sentAtMs } = await withClient(this.leader, askPosition);
      this.samples.add({ timeline, lsn, sentAtMs });
    } catch {
      return;
    } finally {
      this.asking = false;
    }
  }
}
