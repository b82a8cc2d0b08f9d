import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { ClusterPool } from './cluster.pool.js';
import { withClient } from './connection.checkout.js';
import type { Rank } from './idle.choice.js';

/** A pool that notes how its connections were asked for, and what became of them. */
class NotingPool {
  readonly ranks: Rank[] = [];
  released = 0;
  unfit: string | undefined;
  readonly client = Object.assign(new EventEmitter(), {
    release: () => (this.released += 1),
    markUnfit: (reason: string) => (this.unfit = reason),
  });

  connectTo(rank: Rank) {
    this.ranks.push(rank);
    return Promise.resolve(this.client);
  }

  get pool(): ClusterPool {
    return this as unknown as ClusterPool;
  }
}

const rank: Rank = () => 1;

describe('withClient', () => {
  it('takes a connection of the given rank from the pool, and gives it back', async () => {
    const noting = new NotingPool();
    expect(await withClient(noting.pool, () => Promise.resolve('done'), rank)).toBe('done');
    expect(noting.ranks).toEqual([rank]);
    expect([noting.released, noting.client.listenerCount('error')]).toEqual([1, 0]);
  });

  it.each([
    ['the work fails', new Error('boom'), undefined],
    ['the server stays silent', new Error('Query read timeout'), 'READ_TIMEOUT'],
  ])('gives the connection back when %s', async (_title, error, unfit) => {
    const noting = new NotingPool();
    await expect(withClient(noting.pool, () => Promise.reject(error))).rejects.toBe(error);
    expect([noting.released, noting.unfit]).toEqual([1, unfit]);
  });
});
