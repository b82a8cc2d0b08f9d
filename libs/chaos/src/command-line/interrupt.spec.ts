import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotHealedError } from '../faults/healing.js';
import { exit } from '../runs/exit.status.js';
import { interruptible } from './interrupt.js';

const notHealed = new NotHealedError([{ what: 'start patroni1', cause: new Error('gone') }], 'chaos run');

const notHealedAfter = ({ reason }: AbortSignal) => Promise.reject(Object.assign(notHealed, { cause: reason }));

/** Interrupts work that then ends as `work` does. */
async function interrupted(work: (signal: AbortSignal) => Promise<number>) {
  const printed: string[] = [];
  const status = await interruptible('judge', { end: (line) => printed.push(line) }, (signal) => {
    process.emit('SIGINT');
    return work(signal);
  });
  return { status, printed: printed.slice(1) };
}

describe('After Ctrl-C', () => {
  it.each<[string, (signal: AbortSignal) => Promise<number>, string[]]>([
    ['nothing is said of the interruption', async ({ reason }) => Promise.reject(reason as Error), []],
    ['nothing of a wait that it has ended', (signal) => sleep(60_000, 0, { signal }), []],
    ['what could not be healed is', () => Promise.reject(notHealed), [`judge: ${notHealed.message}`]],
    ['so is it where the interruption was the first that happened', notHealedAfter, [`judge: ${notHealed.message}`]],
    ['so is any other error', () => Promise.reject(new TypeError('a fault')), ['judge: a fault']],
  ])('%s', async (_, work, printed) => {
    expect(await interrupted(work)).toEqual({ status: exit.interrupted, printed });
  });

  it('has the status of the work where that has ended all the same', async () => {
    expect(await interrupted(async () => exit.passed)).toEqual({ status: exit.passed, printed: [] });
  });
});
