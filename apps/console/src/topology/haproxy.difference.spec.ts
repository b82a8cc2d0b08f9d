import { describe, expect, it } from '@jest/globals';
import type { MemberView, ServerHealth } from '../../../../libs/live/src/protocol.js';
import { haproxyDifferences } from './haproxy.difference.js';

const member = (
  role: MemberView['role'],
  leader: ServerHealth,
  replicas: ServerHealth,
  reachable = true,
): MemberView => ({
  name: 'patroni1',
  reachable,
  role,
  state: 'running',
  timeline: 1,
  lsn: null,
  lagBytes: null,
  staleMs: null,
  haproxy: { leader, replicas },
});

describe('HAProxy and Patroni', () => {
  it.each([
    ['a leader that gets writes', member('leader', 'up', 'down')],
    ['a replica that gets reads', member('replica', 'down', 'up')],
    ['a quorum standby that gets reads', member('quorum standby', 'down', 'up')],
    ['a member that is away and gets nothing', member('unknown', 'down', 'down', false)],
    ['a leader of which HAProxy is not asked', member('leader', 'unknown', 'unknown')],
    [
      'a member whose name HAProxy does not know, and which is away',
      member('unknown', 'maintenance', 'maintenance', false),
    ],
  ])('agree about %s', (_title, agreed) => {
    expect(haproxyDifferences(agreed)).toEqual([]);
  });

  it.each([
    [
      'a dead leader that still gets writes',
      member('leader', 'up', 'down', false),
      ['HAProxy still sends writes here. Patroni does not answer.'],
    ],
    [
      'a demoted leader that still gets writes and no reads yet',
      member('replica', 'up', 'down'),
      [
        'HAProxy still sends writes here. Patroni says replica.',
        'Patroni says replica. HAProxy does not send reads here.',
      ],
    ],
    [
      'a new leader that gets no writes yet, but still reads',
      member('leader', 'down', 'up'),
      [
        'Patroni says leader. HAProxy does not send writes here yet.',
        'HAProxy still sends reads here. Patroni says leader.',
      ],
    ],
    [
      'a dead replica that still gets reads',
      member('unknown', 'down', 'up', false),
      ['HAProxy still sends reads here. Patroni does not answer.'],
    ],
  ])('differ about %s', (_title, differing, differences) => {
    expect(haproxyDifferences(differing)).toEqual(differences);
  });
});
