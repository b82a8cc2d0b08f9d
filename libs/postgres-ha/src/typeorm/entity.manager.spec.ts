import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { DataSource } from 'typeorm';
import type { ClusterClient } from '../database/cluster.client.js';
import { resolveOptions } from '../options/resolved.options.js';
import type { PostgresHa } from '../postgres-ha.js';
import { dataSourceOptions } from './data-source.options.js';
import { initialize, withManager } from './entity.manager.js';

/** A connection that notes what it is asked. TypeORM's DataSource, driver and query runner are the real ones. */
class NotingClient extends EventEmitter {
  readonly asked: string[] = [];

  query(text: string) {
    this.asked.push(text);
    return Promise.resolve({ rows: [{ version: 'PostgreSQL 17.7', one: 1 }] });
  }

  get client(): ClusterClient {
    return this as unknown as ClusterClient;
  }
}

/** A pool that lends one connection, and notes whether it was ended. */
class NotingPool {
  readonly noting = new NotingClient();
  ended = false;
  released = 0;

  connect(callback: (error: undefined, client: unknown, release: () => void) => void) {
    callback(undefined, this.noting, () => (this.released += 1));
  }

  end() {
    this.ended = true;
  }
}

function prepared() {
  const pool = new NotingPool();
  const database = { hosts: [{ host: 'a' }], database: 'shop', username: 'shop', password: 'secret' };
  const ha = { pools: { write: pool }, options: resolveOptions({ database }) } as unknown as PostgresHa;
  return { pool, dataSource: new DataSource(dataSourceOptions(ha, 'write')) };
}

describe('withManager', () => {
  it('runs the queries of its manager on the given connection, and leaves its release to the caller', async () => {
    const { pool, dataSource } = prepared();
    await initialize(dataSource);
    const { released } = pool;
    const given = new NotingClient();
    const rows = await withManager(dataSource, given.client, (manager) => manager.query('SELECT 1 AS one'));
    expect([rows, given.asked]).toEqual([[expect.objectContaining({ one: 1 })], ['SELECT 1 AS one']]);
    expect([pool.released, given.listenerCount('error')]).toEqual([released, 0]);
  });

  it('begins no transaction of its own inside the one that is open: at most a savepoint', async () => {
    const { dataSource } = prepared();
    await initialize(dataSource);
    const given = new NotingClient();
    await withManager(dataSource, given.client, (manager) => manager.transaction((inner) => inner.query('SELECT 1')), {
      inTransaction: true,
    });
    expect(given.asked).toEqual([expect.stringMatching(/^SAVEPOINT/), 'SELECT 1', expect.stringMatching(/^RELEASE/)]);
  });

  it('fails with a code that is tried again until the DataSource is initialized, and lets that begin', async () => {
    const { dataSource } = prepared();
    const work = () => withManager(dataSource, new NotingClient().client, (manager) => manager.query('SELECT 1'));
    await expect(work()).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    await initialize(dataSource);
    expect(await work()).toHaveLength(1);
  });
});

describe('A DataSource on a lent pool', () => {
  it('does not end it', async () => {
    const { pool, dataSource } = prepared();
    await initialize(dataSource);
    await dataSource.destroy();
    expect([dataSource.isInitialized, pool.ended]).toEqual([false, false]);
  });
});
