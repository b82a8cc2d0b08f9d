import { Repository } from '../../../backup/src/repository.js';
import { pause, until } from '../../../cluster/src/wait.js';
import { isDiskInMemory } from './disk-full.fault.js';
import type { Fault, FaultContext } from './fault.js';
import { markMoment, restoreDrill, restoreTo } from './restore.drill.js';

const service = 'backup';
const awayMs = 10_000;
const backBoundMs = 60_000;
const noticedBoundMs = 45_000;

/**
 * The repository is killed under load. Writes go on, for the members keep WAL for it; the health of the service says what is at risk. Back,
 * it receives what it has missed: a restore has all of it.
 */
export const repositoryAway: Fault = {
  name: 'repository-away',
  title: 'repository of backups killed (SIGKILL); back, it receives what it has missed',
  ...restoreDrill,
  precondition: async (context) =>
    (await restoreDrill.precondition(context)) ??
    ((await isDiskInMemory(context.lab, service))
      ? 'the disk of the repository is in memory (LAB_DISK_SIZE): what is killed there has lost its backups'
      : undefined),
  inject: (context) => withoutRepository(context, repositoryAway, () => context.nemesis.kill(service)),
};

/** Breaks the repository, waits until the service has noticed, heals it, and restores what was written meanwhile. */
export async function withoutRepository(
  context: FaultContext,
  fault: Fault,
  inject: () => Promise<void>,
): Promise<void> {
  const { lab, nemesis, signal, say, healed, alertsHoldMs } = context;
  await context.inject({ name: 'repository', holdMs: 0, inject }, 0);
  const noticed = { what: 'the health of the service names the backup', boundMs: noticedBoundMs, signal };
  await until(noticed, async () => ((await lab.health()).unhealthy.includes('backup') ? true : undefined));
  await pause(Math.max(awayMs, alertsHoldMs), signal);
  await nemesis.heal(service);
  healed(fault);
  const repository = new Repository(lab);
  await until({ what: 'the repository receives WAL again', boundMs: backBoundMs, signal }, async () =>
    (await repository.status()).isReceiving ? true : undefined,
  );
  say('restoring what was written meanwhile');
  await restoreTo(context, 'away', await markMoment(context));
}
