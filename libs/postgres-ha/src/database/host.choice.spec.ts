import { describe, expect, it } from '@jest/globals';
import { isSuperseded, nextHost, type HostState, type Leader } from './host.choice.js';

const unknown: HostState = { role: undefined, isReplaced: false, isFailing: false, connections: 0, lastTried: 0 };
const leader: HostState = { ...unknown, role: 'leader' };
const replaced: HostState = { ...leader, isReplaced: true };
const replica: HostState = { ...unknown, role: 'replica' };
const failing = { isFailing: true };

/** Every host in the order in which one connection tries them. */
function orderOf(hosts: readonly HostState[], wanted: 'leader' | 'any'): number[] {
  const tried = new Set<number>();
  for (let next = nextHost(hosts, wanted, tried); next !== undefined; next = nextHost(hosts, wanted, tried)) {
    tried.add(next.index);
  }
  return [...tried];
}

describe('nextHost for writes', () => {
  it.each<[title: string, hosts: HostState[], order: number[]]>([
    ['takes the hosts in their order while none is known', [unknown, unknown], [0, 1]],
    ['takes the leader first', [replica, leader, unknown], [1, 2, 0]],
    ['takes the other leader before one that was replaced', [replaced, leader], [1, 0]],
    ['tries a replica before a leader that was replaced', [replaced, replica, leader], [2, 1, 0]],
    ['tries the replicas while the leader is away', [{ ...leader, ...failing }, replica], [1, 0]],
    [
      'tries the replica first that was tried longest ago',
      [
        { ...replica, lastTried: 7 },
        { ...replica, lastTried: 3 },
      ],
      [1, 0],
    ],
  ])('%s', (_title, hosts, order) => {
    expect(orderOf(hosts, 'leader')).toEqual(order);
  });
});

describe('nextHost for reads', () => {
  it.each<[title: string, hosts: HostState[], order: number[]]>([
    ['takes the leader last', [leader, replica, unknown], [1, 2, 0]],
    ['takes a leader that was replaced after the one that replaced it', [replaced, leader], [1, 0]],
    ['spreads over the replicas', [leader, { ...replica, connections: 2 }, { ...replica, connections: 1 }], [2, 1, 0]],
    [
      'takes a host that fails after the others',
      [
        { ...replica, ...failing },
        { ...replica, connections: 9 },
      ],
      [1, 0],
    ],
    ['tries a replica that fails before it takes the leader', [leader, { ...replica, ...failing }], [1, 0]],
  ])('%s', (_title, hosts, order) => {
    expect(orderOf(hosts, 'any')).toEqual(order);
  });

  it.each<[title: string, hosts: HostState[], tried: number[], isLastResort: boolean | undefined]>([
    ['not while another one may be a replica', [unknown, unknown], [], false],
    ['when the others have been tried', [leader, replica], [1], true],
    ['when the others lead', [leader, replica], [], true],
    ['when two lead', [leader, leader], [], true],
    ['none is left', [leader, replica], [0, 1], undefined],
  ])('says when a host is the last one that may do: %s', (_title, hosts, tried, isLastResort) => {
    expect(nextHost(hosts, 'any', new Set(tried))?.isLastResort).toBe(isLastResort);
  });
});

describe('isSuperseded', () => {
  const first = { systemId: '7', timeline: 1 };
  const second = { systemId: '7', timeline: 2 };
  const foreign = { systemId: '8', timeline: 9 };
  const up = { isFailing: false };

  it.each<[title: string, leaders: Leader[], written: string | undefined, expected: boolean]>([
    ['no other host leads', [], '7', false],
    ['another one leads on the same timeline', [{ node: first, ...up }], '7', false],
    ['another one leads on a higher timeline', [{ node: second, ...up }], '7', true],
    ['another one led on a higher timeline, and is away', [{ node: second, ...failing }], '7', true],
    ['one of another system leads, and nothing was written yet', [{ node: foreign, ...up }], undefined, false],
    ['one of another system leads, and writes went to this one', [{ node: foreign, ...up }], '7', false],
    ['one of another system leads, and writes went to that one', [{ node: foreign, ...up }], '8', true],
    ['one of another system led, writes went to it, and it is away', [{ node: foreign, ...failing }], '8', false],
  ])('%s', (_title, leaders, written, expected) => {
    expect(isSuperseded(first, leaders, written)).toBe(expected);
  });
});
