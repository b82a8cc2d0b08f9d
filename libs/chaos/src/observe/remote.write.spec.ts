import { describe, expect, it } from '@jest/globals';
import { writeRequest } from './remote.write.js';

const text = (value: string) => Buffer.from(value).toString('hex');

describe('A request of remote write', () => {
  it('holds each series with its labels in order, its value and its time, as one literal of Snappy', () => {
    const sample = { labels: { fault: 'zombie', __name__: 'up' }, value: 1, atMs: 300 };

    expect(writeRequest([sample]).toString('hex')).toBe(
      [
        // 49 bytes, and a literal of 48 + 1.
        '31',
        'f43000',
        '0a2f',
        // The labels `__name__` and `fault`.
        `0a0e0a08${text('__name__')}1202${text('up')}`,
        `0a0f0a05${text('fault')}1206${text('zombie')}`,
        // 1.0, and 300 as a varint.
        '120c',
        '09000000000000f03f',
        '10ac02',
      ].join(''),
    );
  });

  it('may be longer than what one byte of length can say', () => {
    const body = writeRequest([{ labels: { fault: 'x'.repeat(300) }, value: 0, atMs: 1_700_000_000_123 }]);

    expect(body.readUInt16LE(3)).toBe(body.length - 6);
    expect(body.subarray(-6).toString('hex')).toBe('fbd095ffbc31');
  });

  it('is refused without samples', () => expect(() => writeRequest([])).toThrow('0 bytes'));
});
