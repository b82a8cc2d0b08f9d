import { describe, expect, it } from '@jest/globals';
import type { ServerHealth } from '../../../../libs/live/src/protocol.js';
import { routesOf } from './proxy.routes.js';

const member = (name: string, leader: ServerHealth, replicas: ServerHealth) => ({
  name,
  haproxy: { leader, replicas },
});

describe('routesOf', () => {
  it.each([
    [
      'writes to the leader, reads to the replicas',
      [member('a', 'up', 'down'), member('b', 'down', 'up'), member('c', 'down', 'up')],
      { writes: ['a'], reads: ['b', 'c'], readsFallBack: false },
    ],
    [
      'reads to the leader when no replica is up',
      [member('a', 'up', 'down'), member('b', 'down', 'down')],
      { writes: ['a'], reads: ['a'], readsFallBack: true },
    ],
    [
      'nothing anywhere when nobody is up or known',
      [member('a', 'down', 'down'), member('b', 'unknown', 'maintenance')],
      { writes: [], reads: [], readsFallBack: false },
    ],
  ])('sends %s', (_title, members, routes) => {
    expect(routesOf(members)).toEqual(routes);
  });
});
