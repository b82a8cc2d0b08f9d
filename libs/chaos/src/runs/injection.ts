import type { Fault, FaultContext } from '../faults/fault.js';
import type { RunEvent } from '../history/run.event.js';
import { pause, until } from '../../../cluster/src/wait.js';

const failoverBoundMs = 120_000;

/** The part of a fault that injecting needs. */
export type Injection = Pick<Fault, 'name' | 'inject' | 'untilFailover' | 'composite' | 'holdMs'>;

/**
 * Injects a fault, waits for another leader where the fault asks for it, and holds the fault for `holdMs`.
 *
 * @param add adds an event to the run
 * @throws the reason of the context's signal if it aborted before the injection
 */
export async function injectFault(
  fault: Injection,
  holdMs: number,
  context: FaultContext,
  add: (event: Omit<RunEvent, 'atMs'>) => void,
): Promise<void> {
  const { lab, leader, signal, say } = context;
  signal.throwIfAborted();
  say(`${fault.name} (leader ${leader})`);
  if (fault.composite !== true) add({ kind: 'fault', source: 'chaos', member: leader, detail: fault.name });
  await fault.inject(context);
  if (fault.untilFailover === true) {
    await until({ what: `another member than ${leader} leads`, boundMs: failoverBoundMs, signal }, async () =>
      (await lab.leader()) === leader ? undefined : true,
    );
  }
  await pause(holdMs, signal);
}
