import { describe, expect, it } from '@jest/globals';
import { safety } from '../checkers/verdict.js';
import { mustBeCaught } from './mutation.js';

describe('A mutation', () => {
  it('must show in its own figure, and is not judged by the others', () => {
    const { acked, lost, ...rest } = { ...safety, ...mustBeCaught('lost') };
    expect(lost).toEqual({ min: 1 });
    expect(acked).toEqual(safety.acked);
    expect(Object.values(rest).every((bounds) => Object.keys(bounds).length === 0)).toBe(true);
  });
});
