import { describe, expect, it } from '@jest/globals';
import { synchronousMode } from './synchronous.mode.js';

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
