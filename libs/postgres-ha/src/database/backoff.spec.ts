import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

describe('backoffMs', () => {
  it.each([
    // failures, random, expected
    [0, 0, 50],
    [0, 1, 100],
    [2, 0.5, 300],
    [20, 1, 1000],
  ])('after %d failures with random %d waits %d ms', (failures, random, expected) => {
    expect(backoffMs(failures, { baseMs: 100, maxMs: 1000 }, () => random)).toBe(expected);
  });
});
