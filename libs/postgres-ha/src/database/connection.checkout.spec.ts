import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { DataSource } from 'typeorm';
import { withClient, withCheckout } from './connection.checkout.js';
import type { Rank } from './idle.choice.js';

/** A pool that notes how its connections were asked for. TypeORM's driver and query runner are the real ones. */
class NotingPool {
  readonly ranks: Rank[] = [];
  released = 0;
  readonly client = Object.assign(new EventEmitter(), { release: () => (this.released += 1) });

  connectTo(rank: Rank) {
    this.ranks.push(rank);
    return Promise.resolve(this.client);
  }

  get dataSource(): DataSource {
    const dataSource = new DataSource({ type: 'postgres' });
    Object.assign(dataSource.driver, { master: this });
    return dataSource;
  }
}

const rank: Rank = () => 1;

describe.each([
  ['withCheckout', (dataSource: DataSource, work: () => Promise<string>) => withCheckout(dataSource, work, rank)],
  ['withClient', (dataSource: DataSource, work: () => Promise<string>) => withClient(dataSource, work, rank)],
] as const)('%s', (_, run) => {
  it('takes a connection of the given rank from the pool, and gives it back', async () => {
    const pool = new NotingPool();
    expect(await run(pool.dataSource, () => Promise.resolve('done'))).toBe('done');
    expect(pool.ranks).toEqual([rank]);
    expect([pool.released, pool.client.listenerCount('error')]).toEqual([1, 0]);
  });

  it('gives the connection back when the work fails', async () => {
    const pool = new NotingPool();
    await expect(run(pool.dataSource, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    expect(pool.released).toBe(1);
  });
});

describe('withCheckout', () => {
  it('runs the queries of its manager on the connection it has checked out', async () => {
    const pool = new NotingPool();
    const asked: string[] = [];
    Object.assign(pool.client, {
      query: (text: string) => {
        asked.push(text);
        return Promise.resolve({ rows: [{ one: 1 }] });
      },
    });
    const rows = await withCheckout(pool.dataSource, ({ manager }) => manager.query('SELECT 1 AS one'));
    expect([rows, asked, pool.ranks.length]).toEqual([[{ one: 1 }], ['SELECT 1 AS one'], 1]);
  });
});
