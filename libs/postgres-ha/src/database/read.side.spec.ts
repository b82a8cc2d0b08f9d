import { describe, expect, it } from '@jest/globals';
import type { ClusterPool } from './cluster.pool.js';
import { askReadSide } from './read.side.js';

const pools = { read: 'read' as unknown as ClusterPool, watch: 'watch' as unknown as ClusterPool };
const never = new Promise<string>(() => undefined);

describe('askReadSide', () => {
  it.each<[title: string, read: () => Promise<string>, watch: () => Promise<string>, expected: string]>([
    ['a replica, although the leader is silent', () => Promise.resolve('replica'), () => never, 'replica'],
    [
      'a replica, although the leader is away',
      () => Promise.resolve('replica'),
      () => Promise.reject('no leader'),
      'replica',
    ],
    [
      'the leader, where the pool of reads reaches nobody',
      () => Promise.reject('none'),
      () => Promise.resolve('leader'),
      'leader',
    ],
  ])('hears %s', async (_title, read, watch, expected) => {
    const answers = new Map([
      [pools.read, read],
      [pools.watch, watch],
    ]);
    await expect(askReadSide(pools, (pool) => answers.get(pool)?.() ?? never)).resolves.toBe(expected);
  });

  it('throws what the leader met when neither answers', async () => {
    await expect(askReadSide(pools, (pool) => Promise.reject(pool))).rejects.toBe(pools.watch);
  });
});
