import { describe, expect, it } from '@jest/globals';
import { findings, lacksWal } from './findings.mjs';

const services = ['etcd1', 'etcd2', 'etcd3', 'patroni1', 'patroni2', 'patroni3', 'haproxy', 'redis', 'api1', 'api2'];
const leader = { name: 'patroni1', role: 'leader', state: 'running' };
const replica = (name, state = 'streaming') => ({ name, role: 'quorum_standby', state });

const running = (changes = {}) => {
  const containers = new Map(services.map((name) => [name, { name: `lab2-${name}`, state: 'running' }]));
  for (const [name, state] of Object.entries(changes)) {
    if (state === undefined) containers.delete(name);
    else containers.set(name, { name: `lab2-${name}`, state });
  }
  return containers;
};
const etcd = (changes = {}, quorum = true) => ({
  quorum,
  members: ['etcd1', 'etcd2', 'etcd3'].map((name) => ({ name, healthy: quorum, ...changes[name] })),
});
const instance = (name, ...problems) => ({ name, answers: true, problems });

/** An observation of a lab in which nothing is wrong. */
const whole = {
  services,
  containers: running(),
  etcd: etcd(),
  scope: 'pg-ha',
  leader,
  members: [leader, replica('patroni2'), replica('patroni3')],
  pause: false,
  wal: new Map(),
  proxied: new Map([
    ['patroni1', 'DOWN'],
    ['patroni2', 'UP'],
    ['patroni3', 'UP'],
  ]),
  instances: [instance('api1'), instance('api2')],
  refused: [],
  disks: [{ member: 'patroni1', usedPercent: 95 }],
  volumes: [{ name: 'pg-ha-lab_etcd1', layout: '1' }],
  layout: '1',
  toolbox: true,
};
const lagging = [leader, replica('patroni2', 'running'), replica('patroni3')];
const gap = (needs, oldest) => new Map([['patroni2', { needs, oldest }]]);

describe('findings', () => {
  it('finds nothing wrong with a whole lab', () => {
    expect(findings(whole)).toEqual([]);
  });

  it.each([
    ['no engine', { containers: null }, ['engine_silent docker fixable: scripts/lab up']],
    ['no container at all', { containers: new Map(), scope: null }, ['lab_down lab fixable: scripts/lab up']],
    [
      'a container that is missing',
      { containers: running({ redis: undefined }) },
      ['container_missing redis fixable: scripts/lab up'],
    ],
    [
      'one that is stopped, by the name of the container',
      { containers: running({ haproxy: 'exited' }) },
      ['container_stopped haproxy fixable: docker start lab2-haproxy'],
    ],
    [
      'one that is paused',
      { containers: running({ api2: 'paused' }) },
      ['container_paused api2 fixable: docker unpause lab2-api2'],
    ],
    [
      'an exporter that is dead, and one that is gone',
      {
        services: [...services, 'redis-exporter', 'postgres-exporter'],
        containers: running({ 'redis-exporter': 'exited' }),
      },
      [
        'container_stopped redis-exporter fixable: docker start lab2-redis-exporter',
        'container_missing postgres-exporter fixable: scripts/lab up',
      ],
    ],
    [
      'one that restarts for ever',
      { containers: running({ redis: 'restarting' }) },
      ['container_restarting redis: scripts/lab logs redis'],
    ],
    [
      'an etcd member that lost its data: one finding, not two',
      { containers: running({ etcd3: 'restarting' }), etcd: etcd({ etcd3: { healthy: false, lost: true } }) },
      ['etcd_member_lost etcd3 fixable: scripts/lab doctor --fix'],
    ],
    [
      'the same without a container',
      { containers: running({ etcd3: undefined }), etcd: etcd({ etcd3: { healthy: false, lost: true } }) },
      ['etcd_member_lost etcd3 fixable: scripts/lab doctor --fix'],
    ],
    [
      'the same without a quorum, in which the others cannot replace it',
      { etcd: etcd({ etcd3: { lost: true } }, false) },
      [
        'etcd_no_quorum etcd: docs/runbook.md, "etcd has lost its quorum"',
        'etcd_member_lost etcd3: scripts/lab doctor --fix',
      ],
    ],
    [
      'an etcd member that runs and is not healthy',
      { etcd: etcd({ etcd2: { healthy: false, lost: false } }) },
      ['etcd_member_unhealthy etcd2: scripts/lab logs etcd2'],
    ],
    [
      'etcd without quorum: names the members that are stopped, and not the one that runs',
      { containers: running({ etcd1: 'exited', etcd2: 'exited' }), etcd: etcd({}, false) },
      [
        'container_stopped etcd1 fixable: docker start lab2-etcd1',
        'container_stopped etcd2 fixable: docker start lab2-etcd2',
        'etcd_no_quorum etcd: docs/runbook.md, "etcd has lost its quorum"',
      ],
    ],
    [
      'Patroni that is paused',
      { pause: true },
      ['patroni_paused patroni fixable: docker exec lab2-patroni1 patronictl resume --wait'],
    ],
    ['no Patroni that answers', { scope: null, members: [] }, ['patroni_silent patroni: scripts/lab logs patroni1']],
    ['no leader', { leader: undefined }, ['no_leader patroni: docs/runbook.md, "No leader"']],
    [
      'a replica without the WAL that it needs',
      { members: lagging, wal: gap('0000000000000004', '0000000000000005') },
      ['replica_without_wal patroni2 fixable: scripts/lab reinit patroni2'],
    ],
    [
      'the same while it tries to stream and HAProxy sees it down',
      {
        proxied: new Map([...whole.proxied, ['patroni2', 'DOWN']]),
        wal: gap('0000000000000004', '0000000000000005'),
      },
      ['replica_without_wal patroni2 fixable: scripts/lab reinit patroni2'],
    ],
    [
      'a replica that does not stream, for which all WAL is there: its data is kept',
      { members: lagging, wal: gap('0000000000000005', '0000000000000005') },
      ['replica_not_streaming patroni2: scripts/check_replica_stuck.sh patroni2'],
    ],
    [
      'the same when nothing is known about its WAL',
      { members: lagging },
      ['replica_not_streaming patroni2: scripts/check_replica_stuck.sh patroni2'],
    ],
    [
      'a replica that streams the timeline of a former leader',
      {
        leader: { ...leader, timeline: 3 },
        members: [leader, ...whole.members.slice(1)].map((m) => ({ ...m, timeline: m.name === 'patroni2' ? 2 : 3 })),
      },
      ['replica_not_streaming patroni2: scripts/check_replica_stuck.sh patroni2'],
    ],
    [
      'a member that runs and that Patroni does not list',
      { members: [leader, replica('patroni2')] },
      ['member_absent patroni3: scripts/lab logs patroni3'],
    ],
    [
      'HAProxy that sees a replica down which streams',
      { proxied: new Map([...whole.proxied, ['patroni3', 'DOWN']]) },
      ['haproxy_disagrees patroni3 fixable: docker kill --signal USR2 lab2-haproxy'],
    ],
    [
      'two proxies, and the one that answers sees a replica down which streams',
      {
        containers: running({ edge1: 'running', edge2: 'running' }),
        proxied: new Map([...whole.proxied, ['patroni3', 'DOWN']]),
      },
      ['haproxy_disagrees patroni3 fixable: docker kill --signal USR2 lab2-edge1 lab2-edge2'],
    ],
    ['HAProxy that does not answer', { proxied: new Map() }, []],
    ['a role that the leader refuses', { refused: ['app_user'] }, ['password_wrong app_user fixable: scripts/lab up']],
    [
      'an instance that cannot log in',
      { instances: [instance('api1', 'write not reachable (28P01)'), instance('api2')] },
      ['password_wrong api1 fixable: scripts/lab up'],
    ],
    [
      'an instance that cannot reach its database',
      { instances: [instance('api1', 'read not reachable (ENOTFOUND)'), instance('api2')] },
      ['api_without_database api1: scripts/lab logs api1'],
    ],
    [
      'an instance that does not answer',
      { instances: [instance('api1'), { name: 'api2', answers: false, problems: [] }] },
      ['api_silent api2: scripts/lab logs api2'],
    ],
    [
      'a full disk, which only the user may empty',
      { disks: [{ member: 'patroni2', usedPercent: 96 }] },
      ['disk_full patroni2: docs/runbook.md, "Full disk on the leader"'],
    ],
    [
      'a volume of another layout, which is never removed',
      { volumes: [{ name: 'pg-ha-lab_etcd1', layout: '' }] },
      ['layout_foreign pg-ha-lab_etcd1: scripts/lab down --volumes (all data of the lab is lost)'],
    ],
    [
      'a container of another project with a name of the lab, which is never removed',
      {
        containers: running({ redis: undefined }),
        strangers: [{ service: 'redis', name: 'lab2-redis', project: 'former' }],
      },
      ['container_foreign lab2-redis: docker rm -f lab2-redis (its volumes stay)'],
    ],
    [
      'the same while the lab is down',
      { containers: new Map(), scope: null, strangers: [{ service: 'redis', name: 'lab2-redis', project: '' }] },
      ['container_foreign lab2-redis: docker rm -f lab2-redis (its volumes stay)'],
    ],
    ['no toolbox', { toolbox: false }, ['toolbox_missing toolbox fixable: scripts/lab up']],
  ])('%s', (_, changes, expected) => {
    const found = findings({ ...whole, ...changes });
    expect(
      found.map(({ code, subject, mend, fixable }) => `${code} ${subject}${fixable ? ' fixable' : ''}: ${mend}`),
    ).toEqual(expected);
  });
});

describe('lacksWal', () => {
  it.each([
    ['an older segment', '0000000000000004', '0000000000000005', true],
    ['the oldest itself', '0000000000000005', '0000000000000005', false],
    ['across the end of a log', '00000000000000FF', '0000000100000000', true],
  ])('%s', (_, needs, oldest, expected) => expect(lacksWal({ needs, oldest })).toBe(expected));
});
