import { describe, expect, it } from '@jest/globals';
import { bytes, clock, day, duration, rate, seconds, share } from './formatting.js';

describe('Figures', () => {
  it.each([
    [null, '–'],
    [0, '0 ms'],
    [84.6, '85 ms'],
    [999.6, '1.0 s'],
    [4_249, '4.2 s'],
    [59_949, '59.9 s'],
    [59_951, '1 min 00 s'],
    [125_000, '2 min 05 s'],
  ])('writes the duration of %p ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [null, '–'],
    [85, '0.1 s'],
    [125_040, '125.0 s'],
  ])('writes a clock at %p ms in seconds: %s', (ms, text) => {
    expect(seconds(ms)).toBe(text);
  });

  it.each([
    [null, '–'],
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 kB'],
    [16_384, '16 kB'],
    [1_048_575, '1.0 MB'],
    [3_565_158, '3.4 MB'],
  ])('writes %p bytes as %s', (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it.each([
    [0, '0'],
    [0.42, '0.4'],
    [9.96, '10'],
    [42.4, '42'],
  ])('writes %d per second as %s', (perSecond, text) => {
    expect(rate(perSecond)).toBe(text);
  });

  it('writes a share in percent, and none as none', () => {
    expect([share(0.834), share(null)]).toEqual(['83 %', '–']);
  });

  it('writes times of the place where the page is read', () => {
    const at = new Date(2026, 10, 8, 4, 5, 9, 42);
    expect(clock(at.getTime())).toBe('04:05:09.042');
    expect(day(at.toISOString())).toBe('2026-11-08 04:05');
    expect(day('no date')).toBe('no date');
  });
});
