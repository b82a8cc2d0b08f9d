import { describe, expect, it } from '@jest/globals';
import type { ClusterPool } from '../database/cluster.pool.js';
import type { PostgresHa } from '../postgres-ha.js';
import { PostgresHaHealth } from './health.indicators.js';

const connectTimeoutMs = 2_000;

/** A pool with one connection, or with none to be had; `asked` gets its statements. */
function poolOf(role: 'leader' | 'replica' | 'away', asked: unknown[] = []): ClusterPool {
  const client = {
    role,
    node: { member: `the ${role}` },
    query: (query: unknown) => Promise.resolve(asked.push(query)),
    on: () => undefined,
    removeListener: () => undefined,
    release: () => undefined,
  };
  const away = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });
  const connectTo = () => (role === 'away' ? Promise.reject(away) : Promise.resolve(client));
  return { connectTo } as unknown as ClusterPool;
}

const healthOn = (read: ClusterPool, watch: ClusterPool) =>
  new PostgresHaHealth({
    pools: { read, watch },
    options: { database: { connectTimeoutMs } },
  } as unknown as PostgresHa);

describe('PostgresHaHealth', () => {
  it.each([
    ['replica', 'leader', { status: 'up', member: 'the replica', role: 'replica' }],
    ['replica', 'away', { status: 'up', member: 'the replica', role: 'replica' }],
    ['away', 'leader', { status: 'up', member: 'the leader', role: 'leader' }],
    ['away', 'away', { status: 'down', code: 'ECONNREFUSED' }],
  ] as const)('says of reads, with %s for reads and %s for writes: %p', async (read, watch, expected) => {
    expect(await healthOn(poolOf(read), poolOf(watch)).read('reads')).toEqual({ reads: expected });
  });

  it.each([
    ['leader', { status: 'up', member: 'the leader', role: 'leader' }],
    ['away', { status: 'down', code: 'ECONNREFUSED' }],
  ] as const)('says of writes, with %s for writes: %p', async (watch, expected) => {
    expect(await healthOn(poolOf('replica'), poolOf(watch)).write()).toEqual({ write: expected });
  });

  it('gives the pool of reads no longer to answer than a connect may take', async () => {
    const asked: unknown[] = [];
    await healthOn(poolOf('replica', asked), poolOf('away')).read();
    expect(asked).toEqual([expect.objectContaining({ query_timeout: connectTimeoutMs })]);
  });
});
