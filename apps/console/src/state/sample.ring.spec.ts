import { describe, expect, it } from '@jest/globals';
import { SampleRing } from './sample.ring.js';

const ring = (capacity: number, ...samples: (readonly (number | null)[])[]): SampleRing => {
  const filled = new SampleRing(capacity, 2);
  for (const sample of samples) filled.push(sample);
  return filled;
};

describe('SampleRing', () => {
  it('gives back what was put in, oldest first', () => {
    expect(ring(3, [1, 10], [2, 20]).read([0, 1], 0)).toEqual([
      [1, 2],
      [10, 20],
    ]);
  });

  it('forgets the oldest when it is full', () => {
    expect(ring(2, [1, 10], [2, 20], [3, 30]).read([1], 0)).toEqual([[20, 30]]);
  });

  it('leaves out what is older than asked for', () => {
    expect(ring(3, [1, 10], [2, 20], [3, 30]).read([0], 2)).toEqual([[2, 3]]);
  });

  it('tells a missing value from 0', () => {
    expect(ring(3, [1, 0], [2, null]).read([1], 0)).toEqual([[0, null]]);
  });

  it('is empty at first', () => {
    expect(ring(3).read([0, 1], 0)).toEqual([[], []]);
  });
});
