import { EventEmitter } from 'node:events';
import { HISTORY_UNAVAILABLE } from '../database/failure.table.js';
import type { TimelineHistory } from '../options/timeline.history.js';
import { claimsAfterWriting, type Claims } from './consistency.token.js';
import type { Lineage, Position } from './position.js';

/** Knows which timelines came before the current one, and where each ended. An ended timeline never changes, so it is kept. */
export class LineageService {
  /** Emits `loss`, with the surviving timeline, when a token names a state that is not on it. Caches are in doubt then. */
  readonly losses = new EventEmitter<{ loss: [timeline: number] }>();
  private lineage: Lineage = new Map();
  private refreshing: Promise<void> | undefined;

  constructor(private readonly history: TimelineHistory) {}

  /** The ended timelines that are known already. */
  get known(): Lineage {
    return this.lineage;
  }

  /**
   * The timelines that ended before `timeline`. Asks for the history when it is not known that far.
   *
   * @throws Error with code HISTORY_UNAVAILABLE
   */
  async upTo(timeline: number): Promise<Lineage> {
    if (timeline > 1 && !this.lineage.has(timeline - 1)) await this.refresh();
    return this.lineage;
  }

  /** What a client has seen after a write. Waits for no history: the next read judges what is not known yet. */
  claimsAfterWriting(claims: Claims | undefined, systemId: bigint, position: Position): Claims {
    const seen = claimsAfterWriting(claims, systemId, position, this.lineage);
    // Loads the history, so that the session's next write can merge these positions.
    if (seen.positions.length > 1) this.upTo(position.timeline).catch(() => undefined);
    return seen;
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.load().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private async load(): Promise<void> {
    const ended = await this.history.endedTimelines().catch((cause: unknown) => {
      throw Object.assign(new Error('the history of timelines cannot be had', { cause }), {
        code: HISTORY_UNAVAILABLE,
      });
    });
    this.lineage = new Map(ended.map(({ timeline, lsn }) => [timeline, lsn]));
  }
}
