import type { Node } from '../database/cluster.client.js';
import { formatLsn } from '../database/lsn.js';
import type { Replayed } from './position.js';

/** A client's token names a state that no node will show again: a failover has lost an acknowledged write. */
export class LostWriteError extends Error {
  override readonly name = 'LostWriteError';

  /** @param anchor a position of the surviving lineage, from which the client can go on */
  constructor(
    readonly node: Node,
    readonly anchor: Replayed,
  ) {
    super(`the surviving timeline ${anchor.timeline} is at ${formatLsn(anchor.lsn)} and does not contain it`);
  }
}
