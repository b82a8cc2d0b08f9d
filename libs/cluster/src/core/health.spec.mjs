import { describe, expect, it } from '@jest/globals';
import { leaderOf, streams, whyNotProxied, whyNotWhole } from './health.mjs';
import { memberNames } from './members.mjs';

const leader = { name: 'patroni1', role: 'leader', state: 'running', timeline: 2 };
const standby = (name, over = {}) => ({ name, role: 'quorum_standby', state: 'streaming', timeline: 2, ...over });
const cluster = (members, over = {}) => ({
  expected: memberNames(3),
  members,
  leader: leaderOf(members),
  mode: 'quorum',
  ...over,
});
const three = [leader, standby('patroni2'), standby('patroni3')];
const four = [...three, standby('patroni4')];
const plain = ({ name }) => standby(name, { role: 'replica' });

describe('leaderOf', () => {
  it.each([
    ['the one that leads and runs', three, 'patroni1'],
    ['nobody while the holder of the lock starts', [{ ...leader, state: 'starting' }, standby('patroni2')], undefined],
    ['nobody among standbys', [standby('patroni2')], undefined],
  ])('is %s', (_, members, name) => {
    expect(leaderOf(members)?.name).toBe(name);
  });
});

describe('streams', () => {
  it.each([
    ['a standby on the timeline of the leader', standby('patroni2'), leader, true],
    ['one on an older timeline', standby('patroni2', { timeline: 1 }), leader, false],
    ['one that runs and does not stream', standby('patroni2', { state: 'running' }), leader, false],
    ['one while nobody leads', standby('patroni2'), undefined, false],
  ])('%s', (_, member, of, expected) => {
    expect(streams(member, of)).toBe(expected);
  });
});

describe('whyNotWhole', () => {
  it.each([
    ['a quorum of three', cluster(three), undefined],
    ['a quorum of four', cluster(four, { expected: memberNames(4) }), undefined],
    ['no leader', cluster([standby('patroni2'), standby('patroni3')]), 'there is no leader'],
    [
      'a fourth member that is expected and missing',
      cluster(three, { expected: memberNames(4) }),
      'patroni4: no standby',
    ],
    ['a fourth member that is still listed', cluster(four), 'patroni4 should not be there'],
    [
      'a standby that does not stream',
      cluster([leader, standby('patroni2'), standby('patroni3', { state: 'starting' })]),
      'patroni3: no standby',
    ],
    [
      'a standby on an old timeline',
      cluster([leader, standby('patroni2', { timeline: 1 }), standby('patroni3')]),
      'patroni2: no standby',
    ],
    [
      'a standby that does not count for the quorum yet',
      cluster([leader, standby('patroni2'), plain(standby('patroni3'))]),
      'patroni3: no standby',
    ],
    ['asynchronous standbys', cluster([leader, ...three.slice(1).map(plain)], { mode: 'async' }), undefined],
    [
      'sync mode with nobody synchronous',
      cluster([leader, ...three.slice(1).map(plain)], { mode: 'sync' }),
      'no standby is synchronous',
    ],
    [
      'sync mode',
      cluster([leader, standby('patroni2', { role: 'sync_standby' }), plain(standby('patroni3'))], { mode: 'sync' }),
      undefined,
    ],
  ])('%s', (_, seen, reason) => {
    expect(whyNotWhole(seen)).toEqual(reason === undefined ? undefined : expect.stringContaining(reason));
  });
});

describe('whyNotProxied', () => {
  const up = (backend, count) => Array.from({ length: count }, () => ({ backend, up: true }));
  const servers = (replicas) => [
    ...up('leader', 1),
    ...up('replicas', replicas),
    ...up('api', 2),
    { backend: 'leader', up: false },
  ];

  it.each([
    ['all of three members', servers(2), 2, undefined],
    ['all of four members', servers(3), 3, undefined],
    ['one replica of two', servers(1), 2, 'HAProxy sees 1 leaders, 1 replicas and 2 instances of the service'],
    ['two leaders', [...servers(2), ...up('leader', 1)], 2, 'HAProxy sees 2 leaders'],
  ])('%s', (_, seen, standbys, reason) => {
    expect(whyNotProxied(seen, standbys)).toEqual(reason === undefined ? undefined : expect.stringContaining(reason));
  });
});
