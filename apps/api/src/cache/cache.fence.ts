import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Position } from '../../../../libs/postgres-ha/src/index.js';
import { CacheStore } from './cache.store.js';
import { RedisConnection } from './redis.connection.js';

/** The answer to a write, as far as it names what was written. */
interface Written {
  readonly status: number;
  readonly body: unknown;
}

/** Keeps what a write outdates from being kept, or kept again. */
@Injectable()
export class CacheFence {
  constructor(
    private readonly redis: RedisConnection,
    private readonly store: CacheStore,
  ) {}

  /**
   * For `WriteFacade.run`: marks a thing before the commit, so that a crash right after it leaves a mark and not an old
   * entry, and raises its floor after.
   *
   * @param things as in `@Cached`
   * @param id of what is changed or deleted; absent: of what is created, as the answer's body shows it
   */
  changing(things: string, id?: number) {
    const mark = randomUUID();
    let isMarked = false;
    const keyOf = ({ body }: Written) => `${things}/${id ?? (body as { readonly id: number }).id}`;
    /** A refusal that is given again has written nothing. */
    const concerns = ({ status }: Written) => this.redis.isConfigured && status < 400;
    return {
      before: async (answer: Written): Promise<void> => {
        if (concerns(answer) && (await this.store.mark(keyOf(answer), mark))) isMarked = true;
      },
      after: async (answer: Written, { timeline, ceiling, leaderOnly }: Position): Promise<void> => {
        // A commit without a known position: its mark holds until it expires.
        if (!concerns(answer) || leaderOnly) return;
        await this.store.raise(keyOf(answer), mark, { timeline, lsn: ceiling }, isMarked);
      },
    };
  }
}
