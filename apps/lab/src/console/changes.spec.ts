import { describe, expect, it } from '@jest/globals';
import { changesBetween, type Seen } from './changes.js';

const member: Seen['members'][number] = {
  name: 'patroni1',
  reachable: true,
  role: 'leader',
  state: 'running',
  timeline: 1,
  lsn: '0/10',
  lagBytes: null,
  staleMs: null,
  haproxy: { leader: 'up', replicas: 'down' },
};
const seen: Seen = {
  members: [member],
  instances: [{ name: 'api1', status: 'ready' }],
  etcds: [{ name: 'etcd1', healthy: true, leads: false }],
  paused: false,
};
const gone = { ...member, reachable: false, role: 'unknown', state: 'no answer', timeline: null } as const;
const told = (before: Seen, after: Seen) =>
  changesBetween(before, after).map(({ source, member: of, text }) => [source, of, text].filter(Boolean).join(' '));

describe('The log', () => {
  it('says nothing while nothing changes, whatever positions do', () => {
    expect(told(seen, { ...seen, members: [{ ...member, lsn: '0/20' }] })).toEqual([]);
  });

  it.each<[string, Seen, Seen, string[]]>([
    ['that a member does not answer', seen, { ...seen, members: [gone] }, ['patroni patroni1 does not answer']],
    [
      'what a member is that answers again',
      { ...seen, members: [gone] },
      { ...seen, members: [{ ...member, role: 'replica', timeline: 2 }] },
      [
        'patroni patroni1 answers again',
        'patroni patroni1 is now a replica',
        'patroni patroni1 is running',
        'patroni patroni1 is on timeline 2',
      ],
    ],
    [
      "HAProxy's view",
      seen,
      { ...seen, members: [{ ...member, haproxy: { leader: 'down', replicas: 'down' } }] },
      ['haproxy patroni1 down in the backend leader'],
    ],
    [
      'that an instance is not ready',
      seen,
      { ...seen, instances: [{ name: 'api1', status: 'not ready' }] },
      ['api api1 is not ready'],
    ],
    [
      "what etcd's members do",
      seen,
      { ...seen, etcds: [{ name: 'etcd1', healthy: false, leads: false }] },
      ['etcd etcd1 does not answer'],
    ],
    [
      'a new leader of etcd',
      seen,
      { ...seen, etcds: [{ name: 'etcd1', healthy: true, leads: true }] },
      ['etcd etcd1 leads etcd'],
    ],
    ['maintenance mode', seen, { ...seen, paused: true }, ['patroni maintenance mode: nobody fails over']],
  ])('tells %s', (_case, before, after, lines) => {
    expect(told(before, after)).toEqual(lines);
  });
});
