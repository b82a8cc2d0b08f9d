import { canCut } from '../faults/cut.precondition.js';
import { pause, until } from '../../../cluster/src/wait.js';
import { requiredBehaviour } from '../load/http.client.js';
import type { Mutation } from './mutation.js';

const modeBoundMs = 20_000;
/** Long enough to acknowledge many writes, and too short for the standbys to notice a broken connection. */
const unreplicatedMs = 3_000;

/**
 * Commits wait for no standby, the standbys receive nothing, and the leader dies: the writes that it acknowledged last are lost. Its
 * lock is released at once, for this mutation is not about the TTL.
 */
export const asyncLoss: Mutation = {
  name: 'mutation-async-loss',
  title: 'synchronous replication off and cut, then the leader killed: acknowledged writes must be missed',
  caughtBy: 'lost',
  expects: {},
  behaviour: requiredBehaviour,
  untilFailover: true,
  holdMs: 2_000,
  precondition: canCut('replication'),
  async inject({ lab, nemesis, leader, signal }) {
    await nemesis.configure({ synchronous_mode: 'off' });
    await until({ what: 'commits wait for nobody', boundMs: modeBoundMs, signal }, async () => {
      const [names] = await lab.psql(leader, 'SHOW synchronous_standby_names');
      return names === undefined || names === '' ? true : undefined;
    });
    await nemesis.cutReplication(leader);
    await pause(unreplicatedMs, signal);
    signal.throwIfAborted();
    await nemesis.killReleasingLock(leader);
  },
};
