import { isDiskInMemory } from './disk-full.fault.js';
import { type Fault, gapsWithin } from './fault.js';
import { pick } from '../random/random.js';

/**
 * Leader and one standby die together. The standby that is left can't know whether it has every acknowledged write, so by design
 * nobody leads until one of the others is back. The service refuses HTTP writes that it has held for its longest time.
 */
export const majorityKill: Fault = {
  name: 'majority-kill',
  title: 'leader and one standby killed together (SIGKILL)',
  expects: gapsWithin({ writeMs: 60_000, readMs: 8_000 }),
  leaderless: true,
  // The lock lives for up to 20 s (`ttl`) after the last renewal, and etcd needs a moment more to take it away.
  holdMs: 26_000,
  precondition: async ({ lab, leader }) =>
    (await isDiskInMemory(lab, leader))
      ? 'the disks of the members are in memory (LAB_DISK_SIZE): two of three would lose all they have, and the third may not lead alone'
      : undefined,
  inject: ({ nemesis, leader, replicas, random }) => nemesis.kill(leader, pick(random, replicas)),
};
