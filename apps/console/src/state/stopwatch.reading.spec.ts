import { describe, expect, it } from '@jest/globals';
import type { Activity, ClientView } from '../../../../libs/live/src/protocol.js';
import { nextReadings, noReadings, shownMs } from './stopwatch.reading.js';

const idle: Activity = { kind: 'idle' };
const load: Activity = { kind: 'load', ratePerSecond: 50 };
const run = { kind: 'run' } as Activity;

const seen = (ms: number | null, running: boolean, activity = run) => {
  const gap = { ms, running };
  const gaps = { sql: { write: gap, read: gap }, http: { write: gap, read: gap } };
  return { client: { gaps } as unknown as ClientView, activity };
};

describe('A stopwatch', () => {
  it.each([
    ['shows nothing before a fault', null, false, 100, null],
    ['shows the last reading while it stands', 4_000, false, 100, 4_000],
    ['runs on between two readings', 4_000, true, 40, 4_040],
    ['does not run ahead for longer than a second, for the connection may be lost', 4_000, true, 90_000, 5_000],
    ['does not run back when clocks disagree', 4_000, true, -5, 4_000],
  ])('%s', (_title, ms, running, laterMs, shown) => {
    const readings = nextReadings(noReadings, seen(ms, running), 1_000);
    expect(shownMs(readings.sql.write, 1_000 + laterMs)).toBe(shown);
  });

  it.each([
    ['the load has ended', { client: null, activity: idle }],
    ['another load goes on, without a fault', seen(null, false, load)],
  ])('stands where it was when %s', (_title, after) => {
    const running = nextReadings(noReadings, seen(4_000, true), 1_000);
    const ended = nextReadings(running, after, 9_000);
    expect(shownMs(ended.http.read, 20_000)).toBe(4_000);
    expect(ended.http.read.running).toBe(false);
  });

  it.each([
    ['has no load yet', { client: null, activity: run }],
    ['has not broken anything yet', seen(null, false)],
  ])('is empty again when the next run %s', (_title, next) => {
    const before = nextReadings(noReadings, seen(4_000, false), 1_000);
    expect(nextReadings(before, next, 9_000).sql.write.ms).toBeNull();
  });
});
