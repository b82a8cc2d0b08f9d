import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { POSTGRES_HA_OPTIONS, type PostgresHaOptions } from '../options/postgres-ha.options.js';
import { isServed, withClient } from '../database/connection.checkout.js';
import { LeaderSamples } from './leader.samples.js';
import { askPosition } from './node.position.js';
import type { Replayed } from './position.js';

const windowMs = 60_000;

/**
 * Asks the leader for its position every `sampleIntervalMs`, for bounded reads. Without a leader they soon are too old. It never
 * opens the first connection: a leader that is shutting down would pay for each with a process, just when others wait for its end.
 */
@Injectable()
export class LeaderSampler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly samples = new LeaderSamples(windowMs);
  private timer: NodeJS.Timeout | undefined;
  private asking = false;

  constructor(
    @InjectDataSource('write') private readonly leader: DataSource,
    @Inject(POSTGRES_HA_OPTIONS) private readonly options: PostgresHaOptions,
  ) {}

  /** See {@link LeaderSamples.requiredFor}. */
  requiredFor(maxStalenessMs: number): Replayed | undefined {
    return this.samples.requiredFor(maxStalenessMs, performance.now());
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sample(), this.options.consistency.sampleIntervalMs);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** A failure is not reported: a bounded read notices that the samples are too old. */
  private async sample(): Promise<void> {
    if (this.asking || !isServed(this.leader)) return;
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
