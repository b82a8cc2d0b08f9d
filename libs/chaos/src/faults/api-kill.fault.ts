import { type Fault, gapsWithin } from './fault.js';
import { pick } from '../random/random.js';

/** HAProxy sends requests that the dead instance had not answered to the other one: reads, and writes with a key. */
export const apiKill: Fault = {
  name: 'api-kill',
  title: 'one API instance killed (SIGKILL)',
  expects: { ...gapsWithin({ writeMs: 3_000, readMs: 3_000 }), httpFailed: { max: 0 } },
  failover: false,
  holdMs: 2_000,
  quick: true,
  inject: ({ nemesis, random }) => nemesis.kill(pick(random, ['api1', 'api2'])),
};
