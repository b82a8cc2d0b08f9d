import { describe, expect, it } from '@jest/globals';
import { parseItem } from 'structured-headers';
import { servedBy, servedByFields, servedByHeader } from './served.js';

const connection = {
  node: { member: 'patroni2', address: '10.0.0.2', systemId: '1', timeline: 1 },
  role: 'leader' as const,
};

describe('servedByHeader', () => {
  it.each([
    [undefined, 'patroni2; leader'],
    ['behind' as const, 'patroni2; leader; fwd=behind'],
    ['no-replica' as const, 'patroni2; leader; fwd=no-replica'],
  ])('forwarded %p: %s', (forwarded, header) => {
    expect(servedByHeader(servedBy(connection, forwarded))).toBe(header);
  });

  it('names the member from which a cached answer came', () => {
    expect(servedByHeader({ ...servedBy(connection), role: 'replica', cached: true })).toBe('patroni2; replica; cache');
  });
});

describe('servedByHeader of a member with an unusual name', () => {
  it.each(['pg 1', 'pg;1', '1', 'größe', 'a"b\\c'])('%j can be read back', (member) => {
    const [name, parameters] = parseItem(servedByHeader({ ...servedBy(connection), member }));
    expect([name.toString(), [...parameters]]).toEqual([member, [['leader', true]]]);
  });
});

describe('servedByFields', () => {
  it('names the node by address, and the member with its role', () => {
    expect(servedByFields(servedBy(connection))).toEqual({
      servedByNode: '10.0.0.2',
      servedBy: { member: 'patroni2', role: 'leader' },
    });
  });
});
