import { describe, expect, it } from '@jest/globals';
import { keyOf } from './cached.decorator.js';

describe('keyOf', () => {
  it.each([
    ['42', 'albums/42'],
    // Other ways to write a number, and what is none: one resource has one key.
    ['042', undefined],
    ['4.2e1', undefined],
    ['+42', undefined],
    [' 42', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['12345678901', undefined],
    ['abc', undefined],
    [undefined, undefined],
  ])('%p: %p', (id, key) => expect(keyOf({ collection: 'albums', ttlSeconds: 1 }, { id })).toBe(key));
});
