import type { ContainerState, Evidence, LeaderLock } from '../../src/fence.decision.js';

/** The evidence by which a leader is fenced: its container has exited, and it holds the lock. */
export const death: Evidence['death'] = { containerId: 'c1', containerName: 'patroni1', member: 'patroni1' };

export const dead: ContainerState = {
  id: 'c1',
  name: 'patroni1',
  hostname: 'patroni1',
  status: 'exited',
  running: false,
  paused: false,
  restarting: false,
  startedAt: '2026-11-20T10:00:00Z',
  finishedAt: '2026-11-20T11:00:00Z',
};

export const lock: LeaderLock = { member: 'patroni1', lease: '7587' };
