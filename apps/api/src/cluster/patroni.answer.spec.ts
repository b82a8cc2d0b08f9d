import { describe, expect, it } from '@jest/globals';
import { toClusterDto } from './cluster.mapping.js';
import { clusterSchema } from '../patroni/patroni.schema.js';

const leader = { name: 'patroni1', role: 'leader', state: 'running', host: 'patroni1', timeline: 3 };
const replica = { name: 'patroni2', role: 'quorum_standby', state: 'streaming', host: 'patroni2', timeline: 3 };
const answer = (lags: object) => ({ scope: 'pg-ha', members: [leader, { ...replica, ...lags }] });

describe('The answer of GET /cluster', () => {
  // `lag` is what came in; 4.1 tells that apart from what was replayed, and keeps `lag` beside both.
  it.each([
    ['4.0', { lag: 512 }, 512],
    [
      '4.1',
      {
        lag: 512,
        lsn: '0/5000200',
        receive_lag: 512,
        receive_lsn: '0/5000200',
        replay_lag: 1024,
        replay_lsn: '0/5000000',
      },
      512,
    ],
    ['4.0 for a member without a position', { lag: 'unknown' }, null],
    [
      '4.1 for a member without a position',
      {
        lag: 'unknown',
        lsn: 'unknown',
        receive_lag: 'unknown',
        receive_lsn: 'unknown',
        replay_lag: 'unknown',
        replay_lsn: 'unknown',
      },
      null,
    ],
  ])('means the same from Patroni %s', (_, lags, lagBytes) => {
    expect(toClusterDto(clusterSchema.parse(answer(lags)))).toEqual({
      source: 'patroni',
      note: null,
      scope: 'pg-ha',
      leader: 'patroni1',
      timeline: 3,
      paused: false,
      members: [
        { name: 'patroni1', host: 'patroni1', role: 'leader', state: 'running', timeline: 3, lagBytes: 0 },
        { name: 'patroni2', host: 'patroni2', role: 'quorum_standby', state: 'streaming', timeline: 3, lagBytes },
      ],
    });
  });

  it('keeps a member with an unknown role, and takes it for a replica', () => {
    const { members } = clusterSchema.parse(answer({ role: 'promoted' }));

    expect(members.map(({ name, role }) => `${name} ${role}`)).toEqual(['patroni1 leader', 'patroni2 replica']);
  });
});
