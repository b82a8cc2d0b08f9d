import { describe, expect, it } from '@jest/globals';
import { LockTurns } from './lock.turns.js';

const albums = ['/albums/1', '/albums/1', '/albums/2', undefined, undefined];

describe('LockTurns', () => {
  it('lets so many wait at once, and the others after them', async () => {
    const turns = new LockTurns(2);
    let [now, most, done] = [0, 0, 0];
    const wait = async () => {
      most = Math.max(most, (now += 1));
      await Promise.resolve();
      now -= 1;
      done += 1;
    };
    await Promise.all(albums.map((thing) => turns.run(thing, wait)));
    expect([most, done]).toEqual([2, albums.length]);
  });

  it('keeps turns free for others, however many wait for one thing', async () => {
    const turns = new LockTurns(2);
    const held = new Promise<never>(() => undefined);
    for (let i = 0; i < 40; i += 1) void turns.run('/albums/1', () => held);
    expect(await turns.run('/albums/2', () => Promise.resolve('in turn'))).toBe('in turn');
  }, 1_000);

  it('knows what is waited for, also by those whose turn is yet to come, until the last has it or has failed', async () => {
    const turns = new LockTurns(1);
    const fail = () => Promise.reject(new Error('lock_timeout'));
    const waiting = albums.map((thing) => turns.run(thing, fail));
    expect([...albums, '/albums/3'].map((thing) => turns.isAwaited(thing))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    await Promise.allSettled(waiting);
    expect(albums.some((thing) => turns.isAwaited(thing))).toBe(false);
  });
});
