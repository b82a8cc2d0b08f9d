import type { FaultContext } from './fault.js';
import { probeRules } from './network.cut.js';

/** Why packets can't be dropped here, or undefined: a kernel without what it takes, or no image to do it with. */
export async function canCut({ lab, leader }: Pick<FaultContext, 'lab' | 'leader'>): Promise<string | undefined> {
  try {
    await lab.containers.nft(leader, probeRules);
    return undefined;
  } catch (error) {
    return `packets cannot be dropped on this machine: ${error instanceof Error ? error.message : String(error)}`;
  }
}
