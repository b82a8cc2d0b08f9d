import { NftFailedError } from '../../../cluster/src/containers.js';
import type { Fault } from './fault.js';
import { probeRules, type Cut } from './network.cut.js';

/** Checks that the kernel can make cuts of this kind. Any error but a refusal of nft says nothing about that, and is thrown. */
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
