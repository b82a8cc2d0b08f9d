import { describe, expect, it } from '@jest/globals';
import type { EndedTimeline } from '../options/timeline.history.js';
import { longest } from './postgres.timelines.js';

const first: EndedTimeline = { timeline: 1, lsn: 100n };
const second: EndedTimeline = { timeline: 2, lsn: 200n };
const away = new Error('away');

const answerOf = (told: readonly EndedTimeline[] | Error): PromiseSettledResult<readonly EndedTimeline[]> =>
  told instanceof Error ? { status: 'rejected', reason: told } : { status: 'fulfilled', value: told };

describe('longest', () => {
  it.each<[title: string, answers: (readonly EndedTimeline[] | Error)[], expected: readonly EndedTimeline[]]>([
    ['takes the history of the node that has followed the last failover', [[first], [first, second]], [first, second]],
    ['takes the one answer there is', [away, [first]], [first]],
    ['takes no history for an answer: there was no failover', [[], away], []],
  ])('%s', (_title, answers, expected) => {
    expect(longest(answers.map(answerOf))).toEqual(expected);
  });

  it('fails as the first node did when none has told', () => {
    expect(() => longest([away, new Error('too')].map(answerOf))).toThrow(away);
  });
});
