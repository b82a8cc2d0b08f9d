import { describe, expect, it } from '@jest/globals';
import { parseCondition } from './conditions.mjs';
import { leaderOf } from './health.mjs';
import { memberNames } from './members.mjs';

const leader = { name: 'patroni1', role: 'leader', state: 'running', timeline: 2 };
const standby = (name, over = {}) => ({ name, role: 'quorum_standby', state: 'streaming', timeline: 2, ...over });
const whole = {
  expected: memberNames(3),
  members: [leader, standby('patroni2'), standby('patroni3')],
  mode: 'quorum',
  modes: ['quorum', 'quorum', 'quorum'],
  pause: false,
  api: 'ready',
  proxied: new Map([
    ['patroni2', 'UP'],
    ['patroni3', 'DOWN'],
    ['patroni4', 'MAINT'],
  ]),
  etcd: { quorum: true, members: [{ name: 'etcd1', healthy: true }] },
  instances: [{ name: 'api1', answers: true, problems: [] }],
};
const seen = (over) => {
  const all = { ...whole, ...over };
  return { ...all, leader: leaderOf(all.members) };
};
const leaderless = { members: [standby('patroni2'), standby('patroni3')] };
const lagging = { members: [leader, standby('patroni2', { timeline: 1 }), standby('patroni3')] };
const asynchronous = {
  members: [leader, standby('patroni2', { role: 'replica' })],
  modes: ['async', 'async', 'async'],
};

describe('A condition of cluster.mjs wait', () => {
  it.each([
    ['leader', {}, true],
    ['leader', leaderless, false],
    ['leader=patroni1', {}, true],
    ['leader=patroni2', {}, false],
    ['leader!=patroni2', {}, true],
    ['leader!=patroni1', {}, false],
    ['leader!=patroni1', leaderless, false],
    ['member=patroni1', {}, true],
    ['member=patroni2', {}, true],
    ['member=patroni2', lagging, false],
    ['standby=patroni2', {}, true],
    ['standby=patroni1', {}, false],
    ['member!=patroni4', {}, true],
    ['member!=patroni3', {}, false],
    ['member!=patroni4', leaderless, false],
    ['whole', {}, true],
    ['whole', lagging, false],
    ['api', {}, true],
    ['api', { api: 'degraded' }, false],
    ['answering', {}, true],
    ['answering', { modes: ['quorum', undefined, 'quorum'] }, false],
    ['managed', {}, true],
    ['managed', { pause: true }, false],
    ['mode=quorum', {}, true],
    ['mode=quorum', { modes: ['quorum', 'async', 'quorum'] }, false],
    ['mode=async', asynchronous, true],
    ['mode=async', { modes: ['async', 'async', 'async'] }, false],
    ['mode=nonsense', {}, false],
    ['proxied=patroni2', {}, true],
    ['proxied=patroni3', {}, false],
    ['retired=patroni4', {}, true],
    ['retired=patroni3', {}, false],
    ['etcd', {}, true],
    ['etcd', { etcd: { quorum: true, members: [{ name: 'etcd1', healthy: false }] } }, false],
    ['serves', {}, true],
    ['serves', { instances: [{ name: 'api1', answers: true, problems: ['write no leader'] }] }, false],
    ['serves', { instances: [{ name: 'api1', answers: false, problems: [] }] }, false],
  ])('%s in %j: %s', (text, over, expected) => {
    expect(parseCondition(text).holds(seen(over))).toBe(expected);
  });

  it('says whether it needs an observation of the containers', () => {
    const need = ['whole', 'etcd', 'serves', 'leader=patroni1'].map((text) => parseCondition(text).needsContainers);
    expect(need).toEqual([false, true, true, false]);
  });

  it('of etcd is hopeless once a member has lost its data, and no sooner', () => {
    const { isHopeless } = parseCondition('etcd');
    const etcd = (lost) => ({ etcd: { quorum: true, members: [{ name: 'etcd3', healthy: false, lost }] } });
    expect([isHopeless(seen(etcd(true))), isHopeless(seen(etcd(false))), isHopeless(seen({}))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(parseCondition('whole').isHopeless(seen(etcd(true)))).toBe(false);
  });

  it.each(['healthy', 'leader>patroni1', 'whole=patroni1', 'mode', ''])(
    '%j is refused, and the error names all conditions',
    (text) => {
      expect(() => parseCondition(text)).toThrow('whole, api');
    },
  );
});
