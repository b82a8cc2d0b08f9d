import { whyNotFillable } from './disk-full.fault.js';
import type { Fault } from './fault.js';
import { withoutRepository } from './repository-away.fault.js';
import { restoreDrill } from './restore.drill.js';

const service = 'backup';

/** The disk of the repository is full, so it can receive nothing. Members keep WAL for it; with room again, it receives what it has missed. */
export const repositoryFull: Fault = {
  name: 'repository-full',
  title: 'disk of the repository of backups full; with room again, it receives what it has missed',
  ...restoreDrill,
  precondition: async (context) =>
    (await restoreDrill.precondition(context)) ?? (await whyNotFillable(context.lab, service)),
  inject: (context) =>
    withoutRepository(context, repositoryFull, async () => {
      await context.nemesis.fillDisk(service);
      // The segment that is being received has its space already. The next one has none.
      await context.lab.psql(context.leader, 'SELECT pg_switch_wal()');
    }),
};
