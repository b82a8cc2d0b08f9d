import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';
import { PatroniClient } from '../../../../apps/api/src/patroni/patroni.client.js';
import type { Lineage } from './position.js';

/** Which timelines came before the current one, from Patroni's history. What has ended never changes, so it is kept. */
@Injectable()
export class LineageService {
  /** `loss`, with the timeline that survived: a token named a state that is not on it. What was kept is in doubt. */
  readonly losses = new EventEmitter<{ loss: [timeline: number] }>();
  private lineage: Lineage = new Map();
  private refreshing: Promise<void> | undefined;

  constructor(private readonly patroni: PatroniClient) {}

  /** What is known without asking. */
  get known(): Lineage {
    return this.lineage;
  }

  /**
   * The lineage as far as `timeline`; asks Patroni unless it is known.
   *
   * @throws PatroniUnavailableError
   */
  async upTo(timeline: number): Promise<Lineage> {
    if (timeline > 1 && !this.lineage.has(timeline - 1)) await this.refresh();
    return this.lineage;
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.load().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private async load(): Promise<void> {
    const history = await this.patroni.history();
    this.lineage = new Map(history.map(({ timeline, lsn }) => [timeline, BigInt(lsn)]));
  }
}
