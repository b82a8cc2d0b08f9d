import { describe, expect, it } from '@jest/globals';
import { type AlertSpan, judgeAlerts } from './alert.judge.js';
import type { FaultAlerts } from './expected.alerts.js';

const fault: FaultAlerts = {
  raises: [{ alert: 'MemberDown', withinSeconds: 50 }],
  mayRaise: ['WritesHeld'],
};
const times = { faultMs: 10_000, healedMs: 70_000, endMs: 250_000, missed: 0 };
const span = (alert: string, firedSeconds: number, clearedSeconds?: number): AlertSpan => ({
  alert,
  firedMs: firedSeconds * 1_000,
  ...(clearedSeconds === undefined ? {} : { clearedMs: clearedSeconds * 1_000 }),
});
const expected = span('MemberDown', 47, 78);

describe('The alerts of a fault', () => {
  it('say how fast each fired after the fault, and cleared after healing', () => {
    const spans = [expected, span('WritesHeld', 20, 35)];

    expect(judgeAlerts(spans, times, fault)).toEqual({
      raised: [
        { alert: 'WritesHeld', firedAfterSeconds: 10, clearedAfterSeconds: -35, expected: 'possible' },
        { alert: 'MemberDown', firedAfterSeconds: 37, clearedAfterSeconds: 8, expected: 'yes' },
      ],
      problems: [],
    });
  });

  it('are no proof while Prometheus does not answer', () => {
    expect(judgeAlerts([expected], { ...times, missed: 3 }, fault).problems).toEqual([]);
    expect(judgeAlerts([expected], { ...times, missed: 4 }, fault).problems).toEqual([
      'Prometheus has not answered 4 times: nobody knows what fired meanwhile',
    ]);
  });

  it('that come and go count from the first time to the last', () => {
    const spans = [span('MemberDown', 47, 78), span('MemberDown', 90, 95)];

    expect(judgeAlerts(spans, times, fault).raised).toMatchObject([{ firedAfterSeconds: 37, clearedAfterSeconds: 25 }]);
  });

  it.each<[string, readonly AlertSpan[], readonly string[]]>([
    ['the expected one', [expected], []],
    ['one that had cleared before the fault', [span('RedisDown', 2, 8), expected], []],
    ['none', [], ['MemberDown did not fire, which it does within 50 s']],
    ['a late one', [span('MemberDown', 61, 78)], ['MemberDown fired after 51 s, later than 50 s']],
    [
      'another one',
      [expected, span('TwoLeaders', 30, 40)],
      ['TwoLeaders fired after 20 s, which this fault should not raise'],
    ],
    ['one that stays', [span('MemberDown', 47)], ['MemberDown still fires 180 s after healing']],
    [
      'one that clears late',
      [span('MemberDown', 47, 191)],
      ['MemberDown cleared 121 s after healing, later than 120 s'],
    ],
    ['one from before', [span('RedisDown', 2, 90), expected], ['RedisDown fired already when the fault began']],
    [
      'the expected one, but from before',
      [span('MemberDown', 2)],
      ['MemberDown fired already when the fault began', 'MemberDown did not fire, which it does within 50 s'],
    ],
  ])('with %s have the problems %j', (_, spans, problems) =>
    expect(judgeAlerts(spans, times, fault).problems).toEqual(problems),
  );
});
