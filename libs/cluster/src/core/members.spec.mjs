import { describe, expect, it } from '@jest/globals';
import { isMember, keysOf, memberNames, servicesOf } from './members.mjs';

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
