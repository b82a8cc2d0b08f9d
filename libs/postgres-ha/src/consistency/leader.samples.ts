import type { Replayed } from './position.js';

/** Where the leader's log ended at a moment of this process's monotonic clock, or later. */
export interface LeaderSample extends Replayed {
  readonly sentAtMs: number;
}

/**
 * A window of past positions of the leader, with which staleness is measured: a node that has replayed what the leader
 * had flushed at time t is, whatever happened since, no staler than now − t.
 *
 * It needs no clock but this process's and writes nothing. An idle cluster is not stale, for the position does not move;
 * a standby whose replay is paused is, as soon as the leader writes.
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
   * The position a node must have reached to be at most `maxStalenessMs` stale at `nowMs`: the oldest sample that is
   * recent enough asks for the least. Undefined when the leader was not heard of in that time: nothing can be proven.
   */
  requiredFor(maxStalenessMs: number, nowMs: number): Replayed | undefined {
    return this.samples.find(({ sentAtMs }) => sentAtMs >= nowMs - maxStalenessMs);
  }
}
