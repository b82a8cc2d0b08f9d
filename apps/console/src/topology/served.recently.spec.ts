import { describe, expect, it } from '@jest/globals';
import { nextServedAt, servedText } from './served.recently.js';

describe('What a member serves', () => {
  it('is remembered with its time, also while others serve', () => {
    const first = nextServedAt({}, { a: 10, b: 0 }, 1_000);
    expect(nextServedAt(first, { b: 3 }, 2_000)).toEqual({ a: 1_000, b: 2_000 });
  });

  it('stays the same object while nobody serves', () => {
    const before = { a: 1_000 };
    expect(nextServedAt(before, { a: 0 }, 2_000)).toBe(before);
  });

  it.each([
    [41.6, 1_000, '● 42/s'],
    [0, undefined, '○ not yet'],
    [undefined, 1_000, '○ 4 s ago'],
    [0, 4_900, '○ 1 s ago'],
  ])('is, with %p a second and last at %p ms, written as %s', (perSecond, servedAtMs, text) => {
    expect(servedText(perSecond, servedAtMs, 5_000)).toBe(text);
  });
});
