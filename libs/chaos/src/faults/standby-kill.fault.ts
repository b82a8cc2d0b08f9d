import { type Fault, gapsWithin } from './fault.js';
import { pick } from '../random/random.js';

/** One of the two standbys that may confirm commits dies; the other one goes on confirming. */
export const standbyKill: Fault = {
  name: 'standby-kill',
  title: 'a synchronous standby killed (SIGKILL)',
  expects: { ...gapsWithin({ writeMs: 4_000, readMs: 5_000 }), httpFailed: { max: 0 } },
  failover: false,
  holdMs: 3_000,
  quick: true,
  async inject({ lab, nemesis, replicas, random }) {
    const { voters } = await lab.syncState();
    await nemesis.kill(pick(random, voters.length > 0 ? voters : replicas));
  },
};
