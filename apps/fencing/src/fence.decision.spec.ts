import { describe, expect, it } from '@jest/globals';
import { dead, death, lock } from '../test/support/dead.leader.js';
import { decide, type ContainerState, type Decision, type Evidence } from './fence.decision.js';

const alive: ContainerState = { ...dead, status: 'running', running: true };
const paused: ContainerState = { ...alive, status: 'paused', paused: true };
/** A container that Docker is about to start again: `Running` is true as well. */
const restarting: ContainerState = { ...alive, status: 'restarting', restarting: true };
const secondDeath: ContainerState = { ...dead, startedAt: '2026-11-20T11:00:01Z', finishedAt: '2026-11-20T11:00:02Z' };
const renamed: ContainerState = { ...dead, name: 'ab12_patroni1' };

const leaderDied: Evidence = {
  death,
  before: dead,
  lock,
  after: dead,
  claimants: ['c1'],
};

const cases: [title: string, change: Partial<Evidence>, action: Decision['action'], reason: Decision['reason']][] = [
  ['fences a leader whose container is dead', {}, 'fence', 'confirmed-dead'],

  ['leaves a paused container, which may be unpaused', { before: paused, after: paused }, 'leave', 'paused'],
  ['leaves one that was paused only at the second look', { after: paused }, 'leave', 'paused'],
  ['leaves one that Docker restarts', { before: restarting, after: restarting }, 'leave', 'restarting'],
  ['leaves one that Docker has begun to restart', { after: restarting }, 'leave', 'restarting'],
  [
    'leaves a partitioned container that runs, though etcd still names it',
    { before: alive, after: alive },
    'leave',
    'running',
  ],
  ['leaves one that runs again at the second look', { after: alive }, 'leave', 'running'],
  ['leaves one that ran at the first look', { before: alive }, 'leave', 'running'],
  ['leaves one that started and died again between the looks', { after: secondDeath }, 'leave', 'restarted-in-between'],
  ['leaves one that is being removed', { after: { ...dead, status: 'removing' } }, 'leave', 'not-exited'],
  ['leaves one that never ran', { before: { ...dead, status: 'created' } }, 'leave', 'not-exited'],
  [
    'leaves one that was removed, for nothing confirms its death',
    { before: 'gone', after: 'gone' },
    'leave',
    'container-gone',
  ],
  ['leaves one that was removed between the looks', { after: 'gone' }, 'leave', 'container-gone'],
  ['leaves one that was renamed before the first look', { before: renamed, after: renamed }, 'leave', 'renamed'],
  ['leaves one that was renamed between the looks', { after: renamed }, 'leave', 'renamed'],
  ['leaves a member that has another container as well', { claimants: ['c1', 'c2'] }, 'leave', 'twin'],
  ['leaves a member that another container has replaced', { claimants: ['c2'] }, 'leave', 'twin'],
  ['leaves a member of which Docker lists no container', { claimants: [] }, 'leave', 'twin'],
  [
    'leaves a container whose hostname is not the name of its service',
    { before: { ...dead, hostname: 'other' }, after: { ...dead, hostname: 'other' } },
    'leave',
    'not-a-member',
  ],

  [
    'leaves a replica: another holds the lock',
    { lock: { member: 'patroni2', lease: '7588' } },
    'leave',
    'another-leads',
  ],
  ['leaves a leader that has released its lock', { lock: 'absent' }, 'leave', 'no-leader'],

  ['doubts while etcd does not answer', { lock: 'unreachable' }, 'doubt', 'etcd-unreachable'],
  ['doubts while Docker does not answer', { before: 'unreachable' }, 'doubt', 'docker-unreachable'],
  ['doubts when Docker does not answer the second look', { after: 'unreachable' }, 'doubt', 'docker-unreachable'],
  [
    'doubts while Docker does not list the containers of the member',
    { claimants: 'unreachable' },
    'doubt',
    'docker-unreachable',
  ],
  ['does not wait for etcd when the container runs', { after: alive, lock: 'unreachable' }, 'leave', 'running'],
];

describe('The decision to fence', () => {
  it.each(cases)('%s', (_, change, action, reason) => {
    expect(decide({ ...leaderDied, ...change })).toMatchObject({ action, reason });
  });

  it('has the lock that was read, and no other', () => {
    expect(decide(leaderDied)).toEqual({ action: 'fence', reason: 'confirmed-dead', lock });
  });

  it('fences, of all combinations, only where both looks saw one death of the only container and its member holds the lock', () => {
    const looks = [dead, alive, paused, restarting, secondDeath, renamed, 'gone', 'unreachable'] as const;
    const locks = [lock, { member: 'patroni2', lease: '1' }, 'absent', 'unreachable'] as const;
    const twins = [['c1'], ['c1', 'c2'], ['c2'], [], 'unreachable'] as const;
    const all = looks.flatMap((before) =>
      looks.flatMap((after) =>
        locks.flatMap((seen) => twins.map((claimants) => ({ ...leaderDied, before, after, lock: seen, claimants }))),
      ),
    );
    const fenced = all.filter((evidence) => decide(evidence).action === 'fence');
    expect(all).toHaveLength(1_280);
    // In the second of them the container died twice, and both looks saw the second death.
    expect(fenced).toEqual([leaderDied, { ...leaderDied, before: secondDeath, after: secondDeath }]);
  });
});
