import { describe, expect, it } from '@jest/globals';
import { expectedServices, isMember, keysOf, memberNames, observers, servicesOf } from './members.mjs';

describe('The members of the lab', () => {
  it('are as many as are asked for', () => {
    expect(memberNames(4)).toEqual(['patroni1', 'patroni2', 'patroni3', 'patroni4']);
  });

  it('are told from other services by their names', () => {
    expect(servicesOf(memberNames(4)).filter(isMember)).toEqual(memberNames(4));
  });

  it('have their keys in etcd under the scope of the cluster', () => {
    const keys = keysOf('pg-ha');
    expect([keys.leader, keys.sync, keys.member('patroni2')]).toEqual([
      '/service/pg-ha/leader',
      '/service/pg-ha/sync',
      '/service/pg-ha/members/patroni2',
    ]);
  });
});

describe('The services that should run', () => {
  const members = memberNames(3);

  it.each([
    ['nothing is on', [], [], []],
    ['nothing is on, and fencing has a container', [], ['fencing', 'redis'], ['fencing']],
    ['observers are on, and one of them has no container any more', ['observability'], ['prometheus'], observers],
    ['two proxies and poolers are on', ['edge', 'pooler'], [], ['edge1', 'edge2', 'pooler1', 'pooler2', 'pooler3']],
  ])('are those of the members and, when %s, what that needs', (_, on, present, more) => {
    const found = expectedServices(members, present, (profile) => on.includes(profile));

    expect(found.toSorted()).toEqual([...servicesOf(members), ...more].toSorted());
  });
});
