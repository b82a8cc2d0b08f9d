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

/** Removes the entry of a resource that is written, and refuses older answers that reads still under way bring. */
@Injectable()
export class CacheInvalidation {
  constructor(
    private readonly redis: RedisConnection,
    private readonly store: CacheStore,
  ) {}

  /**
   * A watcher for `WriteFacade.run`. Before the commit it marks the resource, so that a service that dies right after the commit
   * leaves a mark and no old entry. After the commit it raises the resource's floor, and the mark goes.
   *
   * @param collection as in `@Cached`
   * @param id of the resource that is changed or deleted; without it the `id` in the answer's body, which is that of a new resource
   */
  changing(collection: string, id?: number) {
    const mark = randomUUID();
    let isMarked = false;
    const keyOf = ({ body }: Written) => `${collection}/${id ?? (body as { readonly id: number }).id}`;
    /** A refusal, which is an answer of 400 or above, has written nothing. */
    const concerns = ({ status }: Written) => this.redis.isConfigured && status < 400;
    return {
      before: async (answer: Written): Promise<void> => {
        if (concerns(answer) && (await this.store.mark(keyOf(answer), mark))) isMarked = true;
      },
      after: async (answer: Written, { timeline, ceiling, leaderOnly }: Position): Promise<void> => {
        // Without a known position there is no floor to raise: the mark stays until it expires.
        if (!concerns(answer) || leaderOnly) return;
        await this.store.raise(keyOf(answer), mark, { timeline, lsn: ceiling }, isMarked);
      },
    };
  }
}
