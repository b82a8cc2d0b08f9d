import { expect, it } from '@jest/globals';
import { heldLonger } from './fault.alerts.js';

it('lets the gaps of a fault that is held longer be longer, and nothing else', () => {
  expect(heldLonger({ writeGapMs: { max: 10 }, httpFailed: { max: 0 } }, 5)).toEqual({
    writeGapMs: { max: 15 },
    httpFailed: { max: 0 },
  });
});
