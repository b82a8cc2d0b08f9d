import { describe, expect, it } from '@jest/globals';
import { LockQueue } from './lock.queue.js';

const albums = ['/albums/1', '/albums/1', '/albums/2', undefined, undefined];

describe('LockQueue', () => {
  it('lets at most as many writes wait at once as it was told', async () => {
    const queue = new LockQueue(2);
    let [now, most, done] = [0, 0, 0];
    const wait = async () => {
      most = Math.max(most, (now += 1));
      await Promise.resolve();
      now -= 1;
      done += 1;
    };
    await Promise.all(albums.map((resource) => queue.run(resource, wait)));
    expect([most, done]).toEqual([2, albums.length]);
  });

  it('keeps a place free for other resources, however many writes wait for one', async () => {
    const queue = new LockQueue(2);
    const held = new Promise<never>(() => undefined);
    for (let i = 0; i < 40; i += 1) void queue.run('/albums/1', () => held);
    expect(await queue.run('/albums/2', () => Promise.resolve('in its place'))).toBe('in its place');
  }, 1_000);

  it('knows which resources are waited for until the last write of each has its lock or has failed', async () => {
    const queue = new LockQueue(1);
    const fail = () => Promise.reject(new Error('lock_timeout'));
    const waiting = albums.map((resource) => queue.run(resource, fail));
    expect([...albums, '/albums/3'].map((resource) => queue.isAwaited(resource))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    await Promise.allSettled(waiting);
    expect(albums.some((resource) => queue.isAwaited(resource))).toBe(false);
  });
});
