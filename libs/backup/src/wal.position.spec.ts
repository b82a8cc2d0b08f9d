import { describe, expect, it } from '@jest/globals';
import { parseHistory, positionOf, reaches } from './wal.position.js';

describe('positionOf', () => {
  it.each([
    ['0/0', 0n],
    ['0/3000148', 0x3000148n],
    ['2/1', 0x200000001n],
  ])('reads %s', (lsn, position) => expect(positionOf(lsn)).toBe(position));
});

describe('reaches', () => {
  const wanted = { timeline: 2, lsn: '1/3000148' };

  it.each([
    ['exactly there', 2, '1/3000148', true],
    ['further', 2, '1/3000150', true],
    ['a record too early', 2, '1/3000110', false],
    ['a segment too early, with more digits', 2, '0/FF000000', false],
    ['further, on a timeline that the cluster has left', 1, '1/4000000', false],
    ['further, on the timeline after a failover', 3, '1/4000000', true],
    ['too early, on the timeline after a failover that lost it', 3, '1/3000000', false],
  ])('knows a log that ends %s', (_, timeline, lsn, expected) =>
    expect(reaches({ timeline, lsn }, wanted)).toBe(expected),
  );
});

describe('parseHistory', () => {
  it('reads where each timeline was left', () =>
    expect(parseHistory('1\t0/3000000\tno recovery target specified\n\n12\t1/5000148\tbefore 2026-11-27\n')).toEqual([
      { timeline: 1, lsn: '0/3000000' },
      { timeline: 12, lsn: '1/5000148' },
    ]));

  it('reads none in an empty one', () => expect(parseHistory('')).toEqual([]));
});
