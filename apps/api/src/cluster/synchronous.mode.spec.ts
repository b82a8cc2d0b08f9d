import { describe, expect, it } from '@jest/globals';
import { synchronousMode, synchronousModeOf } from './synchronous.mode.js';

const quorum = { synchronous_mode: 'quorum', synchronous_node_count: 1 };
const any = 'ANY 1 (patroni1,patroni2)';

describe('synchronousMode', () => {
  it.each([
    [quorum, any, 'on', 'quorum', 'A commit waits for any 1 of the listed'],
    [{ synchronous_mode: true }, 'patroni2', 'on', 'sync', 'A commit waits for the listed standby, the only one'],
    [{ synchronous_mode: 'on' }, 'patroni2', 'on', 'sync', 'A commit waits for the listed standby, the only one'],
    [{ synchronous_mode: false }, '', 'on', 'async', 'A commit waits for no standby: synchronous_mode is off'],
    [{}, '', 'on', 'async', 'A commit waits for no standby: synchronous_mode is off'],
    [quorum, '', 'on', 'quorum', 'A commit waits for no standby: Patroni has listed none'],
    [quorum, any, 'local', 'quorum', 'A commit waits for no standby: synchronous_commit is local'],
    [undefined, any, 'on', null, 'A commit waits for the listed standbys'],
  ])('%j with %j and synchronous_commit %s: %s', (config, standbyNames, commit, mode, because) => {
    expect(synchronousMode(config, { standbyNames, commit })).toMatchObject({
      mode,
      standbyNames,
      commit,
      because: expect.stringContaining(because),
    });
  });
});

describe('synchronousModeOf', () => {
  it.each([
    ['ANY 1 ("pg-ha-2","pg-ha-3")', 'on', 'quorum', 1, 'A commit waits for any 1 of the listed'],
    ['any 2 (a, b, c)', 'on', 'quorum', 2, 'A commit waits for any 2 of the listed'],
    ['FIRST 1 (a, b)', 'on', 'sync', 1, 'A commit waits for the first 1 of the listed'],
    ['2 (a, b)', 'on', 'sync', 2, 'A commit waits for the first 2 of the listed'],
    ['a, b', 'on', 'sync', 1, 'A commit waits for the first 1 of the listed'],
    ['*', 'on', 'sync', 1, 'A commit waits for the first 1 of the listed'],
    ['', 'on', 'async', 0, 'synchronous_standby_names is empty. A failover can lose'],
    ['ANY 1 (a)', 'off', 'quorum', 1, 'A commit waits for no standby: synchronous_commit is off'],
  ])('%s with synchronous_commit %s: %s', (standbyNames, commit, mode, nodeCount, because) => {
    expect(synchronousModeOf({ standbyNames, commit })).toEqual({
      mode,
      nodeCount,
      standbyNames,
      commit,
      because: expect.stringContaining(because),
    });
  });
});
