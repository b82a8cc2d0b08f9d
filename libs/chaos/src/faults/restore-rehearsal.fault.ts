import { rehearse } from '../../../backup/src/rehearsal.js';
import { Repository } from '../../../backup/src/repository.js';
import type { Fault } from './fault.js';
import { markMoment, restoreDrill, restoreTo } from './restore.drill.js';

/**
 * Nothing is broken: under load the newest backup is verified, as `scripts/lab backup verify` does it for a scheduled job, and one is restored
 * to a moment and compared with what clients were told.
 */
export const restoreRehearsal: Fault = {
  name: 'restore-rehearsal',
  title: 'nothing broken: a backup verified and restored under load, and compared with the history',
  ...restoreDrill,
  async inject(context) {
    await context.inject({ name: 'restore', holdMs: 0, inject: async () => undefined }, 0);
    const { lab, nemesis, say } = context;
    await nemesis.healLater({ kind: 'dropRestored', name: 'verify' });
    await rehearse(lab, new Repository(lab, say), undefined, say);
    await restoreTo(context, 'rehearsal', await markMoment(context));
    context.healed(restoreRehearsal);
  },
};
