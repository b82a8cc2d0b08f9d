import { describe, expect, it } from '@jest/globals';
import { parseStats, sessionsOf } from './haproxy.stats.js';

const csv = `# pxname,svname,qcur,stot,status,weight
write,FRONTEND,,9,OPEN,
leader,patroni1,0,3,UP,1
leader,patroni2,0,0,UP 1/2,1
leader,patroni3,0,2,DOWN 1/2,1
leader,BACKEND,0,9,UP,2
`;

describe('parseStats', () => {
  it('gives the servers without the totals; a server that failed one check of two is still up', () => {
    expect(parseStats(csv)).toEqual([
      { backend: 'leader', server: 'patroni1', up: true },
      { backend: 'leader', server: 'patroni2', up: true },
      { backend: 'leader', server: 'patroni3', up: false },
    ]);
  });
});

describe('sessionsOf', () => {
  it('adds what the servers of the backends were given, without what reached none of them', () => {
    expect([sessionsOf(csv, ['leader']), sessionsOf(csv, ['replicas'])]).toEqual([5, 0]);
  });
});
