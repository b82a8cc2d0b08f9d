import { describe, expect, it } from '@jest/globals';
import { parseStats } from './haproxy.stats.js';

const csv = `# pxname,svname,qcur,status,weight
write,FRONTEND,,OPEN,
leader,patroni1,0,UP,1
leader,patroni2,0,UP 1/2,1
leader,patroni3,0,DOWN 1/2,1
leader,BACKEND,0,UP,2
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
