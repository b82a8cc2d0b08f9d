import { expect, it } from '@jest/globals';
import { toTenths } from './rounding.js';

it('rounds numbers to a tenth, however deep, and leaves all else', () => {
  const value = { a: 1.26, b: [2, { c: -0.04 }], d: null, e: 'x', f: undefined };
  expect(toTenths(value)).toEqual({ a: 1.3, b: [2, { c: -0 }], d: null, e: 'x', f: undefined });
});
