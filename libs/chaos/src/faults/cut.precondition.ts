import { NftFailedError } from '../../../cluster/src/containers.js';
import type { Fault } from './fault.js';
import { probeRules, type Cut } from './network.cut.js';

/** Whether the kernel has what cuts of this kind take. Whatever else goes wrong is no property of the machine, and thrown. */
export const canCut =
  (what: Cut['what']): NonNullable<Fault['precondition']> =>
  async ({ lab, leader }) => {
    try {
      await lab.containers.nft(leader, probeRules(what));
      return undefined;
    } catch (error) {
      if (!(error instanceof NftFailedError)) throw error;
      return `packets cannot be dropped on this machine: ${error.message}`;
    }
  };
