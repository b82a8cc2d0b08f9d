import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotHealedError } from '../faults/healing.js';
import { timeLimited } from './time.limit.js';

const limitMs = 20;
const notHealed = (cause: unknown) =>
  Object.assign(new NotHealedError([{ what: 'start pg-a', cause: 'gone' }], 'heal'), { cause });
const never = new AbortController().signal;

async function ended(work: (signal: AbortSignal) => Promise<unknown>): Promise<string> {
  const error: unknown = await timeLimited(limitMs, never, work).catch((caught: unknown) => caught);
  return error instanceof Error ? error.name : String(error);
}

describe('Work that takes longer than it may', () => {
  it.each<[string, string, (signal: AbortSignal) => Promise<unknown>]>([
    ['cannot be run', 'CannotRunError', async ({ reason }) => Promise.reject(reason as Error)],
    ['cannot be run by a wait that has ended', 'CannotRunError', (signal) => sleep(60_000, 0, { signal })],
    ['says what could not be healed', 'NotHealedError', ({ reason }) => Promise.reject(notHealed(reason))],
    ['says any other error', 'TypeError', () => Promise.reject(new TypeError('a fault'))],
    ['gives what it has all the same', 'done', async () => 'done'],
  ])('%s', async (_, name, work) => {
    expect(
      await ended(async (signal) => {
        await once(signal, 'abort');
        return work(signal);
      }),
    ).toBe(name);
  });
});
