import { describe, expect, it } from '@jest/globals';
import { isAnother, type Leading } from './target.views.js';

describe('A failover', () => {
  it.each<[string, Leading, Leading, boolean]>([
    ['is over when another name leads', { name: 'pg-a' }, { name: 'pg-b' }, true],
    ['is not over while the same name leads', { name: 'pg-a' }, { name: 'pg-a' }, false],
    [
      'is over on a higher timeline, where servers have no name',
      { name: '', timeline: 3 },
      { name: '', timeline: 4 },
      true,
    ],
    ['is not over on the same timeline', { name: '', timeline: 3 }, { name: '', timeline: 3 }, false],
    ['is not known where nothing is told', { name: '' }, { name: '' }, false],
  ])('%s', (_, before, now, expected) => {
    expect(isAnother(before, now)).toBe(expected);
  });
});
