import type { Fault } from './fault.js';
import { markMoment, restoreDrill, restoreTo } from './restore.drill.js';

/** Nothing is broken: a backup is restored under load, as a scheduled job would do it, and compared with what clients were told. */
export const restoreRehearsal: Fault = {
  name: 'restore-rehearsal',
  title: 'nothing broken: a backup restored under load and compared with the history',
  ...restoreDrill,
  async inject(context) {
    await context.inject({ name: 'restore', holdMs: 0, inject: async () => undefined }, 0);
    await restoreTo(context, 'rehearsal', await markMoment(context));
    context.healed(restoreRehearsal);
  },
};
