import { isDiskInMemory } from './disk-full.fault.js';
import { type Fault, gapsWithin } from './fault.js';

/** The repository is no synchronous standby, so what was acknowledged in the last moment may not have reached it. */
const mostLost = 20;
const rebuildBoundMs = 150_000;

/** Fire, theft, `rm -rf`: nothing is left of the cluster but what the repository has. Healing rebuilds all of it from there. */
export const loseEverything: Fault = {
  name: 'lose-everything',
  title: 'all members killed and their data gone; the cluster rebuilt from the backup',
  expects: {
    ...gapsWithin({ writeMs: rebuildBoundMs, readMs: rebuildBoundMs }),
    lost: { max: mostLost },
    rejoinMs: { max: rebuildBoundMs },
  },
  holdMs: 1_000,
  async precondition({ lab, leader }) {
    if (!(await lab.hasBackup())) return 'there is no backup: scripts/lab backup on';
    return (await isDiskInMemory(lab, leader))
      ? 'the disks of the members are in memory (LAB_DISK_SIZE), and cannot be given restored data'
      : undefined;
  },
  async inject({ nemesis }) {
    await nemesis.loseMembers();
  },
};
