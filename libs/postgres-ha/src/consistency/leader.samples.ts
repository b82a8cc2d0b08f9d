import type { Replayed } from './position.js';

/** Where the leader's log ended at a moment of this process's monotonic clock, or later. */
export interface LeaderSample extends Replayed {
  readonly sentAtMs: number;
}

/**
 * The leader's positions of the last while, by which staleness is measured: a node that has replayed what the leader had
 * flushed at time t is at most now − t stale, whatever happened since.
 *
 * This needs no clock but this process's, and writes nothing to the database. A replica of an idle leader is not stale, for the
 * leader's position does not move. A replica whose replay is paused becomes stale as soon as the leader writes.
 */
export class LeaderSamples {
  private readonly samples: LeaderSample[] = [];

  constructor(private readonly windowMs: number) {}

  add(sample: LeaderSample): void {
    this.samples.push(sample);
    const oldest = sample.sentAtMs - this.windowMs;
    while (this.samples[0] !== undefined && this.samples[0].sentAtMs < oldest) this.samples.shift();
  }

  /**
   * The position that a node must have reached to be at most `maxStalenessMs` stale at `nowMs`: the oldest sample within the
   * bound, for it asks for the least. Undefined when there is no sample within the bound: then nothing can be proven.
   */
  requiredFor(maxStalenessMs: number, nowMs: number): Replayed | undefined {
    return this.samples.find(({ sentAtMs }) => sentAtMs >= nowMs - maxStalenessMs);
  }
}
