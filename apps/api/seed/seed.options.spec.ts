import { describe, expect, it } from '@jest/globals';
import { parseSeedOptions } from './seed.options.js';

describe('parseSeedOptions', () => {
  it.each([
    [[], { rows: 0, json: false, help: false }],
    [['--rows', '1000000'], { rows: 1_000_000, json: false, help: false }],
    [['--rows=10', '--json'], { rows: 10, json: true, help: false }],
    [['-h'], { rows: 0, json: false, help: true }],
  ])('reads %j', (args, options) => expect(parseSeedOptions(args)).toEqual(options));

  it.each([
    [['--rows', '-1']],
    [['--rows', '1.5']],
    [['--rows', '1e6']],
    [['--rows', '']],
    [['--rows', '10000001']],
    [['--rows']],
    [['--row', '1']],
    [['1000']],
  ])('refuses %j', (args) => expect(() => parseSeedOptions(args)).toThrow());
});
