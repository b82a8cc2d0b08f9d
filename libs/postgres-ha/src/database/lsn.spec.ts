import { describe, expect, it } from '@jest/globals';
import { bytesBehind, formatLsn, parseLsn } from './lsn.js';

describe('parseLsn', () => {
  it.each([
    ['0/0', 0n],
    ['0/16B3748', 0x16b3748n],
    ['16/B374D848', 0x16b374d848n],
    ['FFFFFFFF/FFFFFFFF', 0xffffffffffffffffn],
  ])('%s', (text, bytes) => expect(parseLsn(text)).toBe(bytes));

  it.each(['', '0', '0/', '/0', '0/G', '123456789/0'])('refuses %p', (text) => {
    expect(() => parseLsn(text)).toThrow(RangeError);
  });
});

describe('bytesBehind', () => {
  it.each([
    ['0/20', '0/10', 16],
    ['0/20', '0/20', 0],
    ['0/20', '0/30', 0],
    ['1/0', '0/FFFFFFFF', 1],
  ])('target %s, position %s: %d', (target, position, expected) => {
    expect(bytesBehind(target, position)).toBe(expected);
  });
});

describe('formatLsn', () => {
  it.each(['0/0', '0/16B3748', '16/B374D848', 'FFFFFFFF/FFFFFFFF'])('prints %s as it was parsed', (lsn) => {
    expect(formatLsn(parseLsn(lsn))).toBe(lsn);
  });
});
