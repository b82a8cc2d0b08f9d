import { describe, expect, it } from '@jest/globals';
import { create, read } from '../../test/support/operations.js';
import type { RunEvent } from '../history/run.event.js';
import { experienceOf } from './experience.js';

const http = { channel: 'http' } as const;
const fault = (detail: string, atMs: number): RunEvent => ({ kind: 'fault', source: 'chaos', detail, atMs });
const events = [fault('first', 100), fault('second', 200)];
const write = (invokedMs: number, endedMs: number) => create('k', [invokedMs, endedMs], http);

describe('The experience of clients from one fault to the next', () => {
  const history = [
    write(80, 90),
    write(95, 150),
    create('k', [120, 125], { ...http, outcome: 'unknown' }),
    write(160, 190),
    write(195, 260),
    write(250, 300),
    read('unique', 'k', 1, [110, 112], { ...http, consistency: 'session' }),
    read('unique', 'k', 1, [130, 131], { ...http, consistency: 'session' }),
    create('k', [140, 145], { outcome: 'failed' }),
  ];

  it('has the requests to the service that were under way in that time', () => {
    const { requests, failed } = experienceOf({ history, events }, 'first');
    expect(requests.map(({ invokedMs }) => invokedMs)).toEqual([95, 120, 160, 195, 110, 130]);
    expect(failed.map(({ invokedMs }) => invokedMs)).toEqual([120]);
  });

  it('has gaps that begin at the last success before the fault, and the longest request', () => {
    expect(experienceOf({ history, events }, 'first')).toMatchObject({
      writeGapMs: 70,
      readGapMs: 19,
      longestRequestMs: 65,
    });
  });

  it('has no gap where nothing was attempted, so that a bound on it cannot pass', () => {
    const writes = history.filter(({ action }) => action === 'write');
    expect(experienceOf({ history: writes, events }, 'first')).toMatchObject({ writeGapMs: 70, readGapMs: null });
    expect(experienceOf({ history: [], events }, 'first')).toMatchObject({ writeGapMs: null, readGapMs: null });
  });

  it('lasts to the end of the history after the last fault', () => {
    const { requests, writeGapMs } = experienceOf({ history, events }, 'second');
    expect(requests.map(({ invokedMs }) => invokedMs)).toEqual([195, 250]);
    expect(writeGapMs).toBe(70);
  });

  it('throws where the fault was not injected', () => {
    expect(() => experienceOf({ history, events }, 'third')).toThrow('no third was injected');
  });
});
