import { BackupError } from '../../../backup/src/backup.error.js';
import { Repository } from '../../../backup/src/repository.js';
import { pause } from '../../../cluster/src/wait.js';
import { healedBoundMs } from './bounds.js';
import type { Fault, FaultContext } from './fault.js';
import { leaderKill } from './leader-kill.fault.js';
import { type Moment, restoreDrill, restoreTo } from './restore.drill.js';
import { switchover } from './switchover.fault.js';

const name = 'pitr';
const table = 'lab.chaos_unique';
const betweenMs = 3_000;
const recentSeconds = 300;
const fewRows = 10;

/**
 * A wrong DELETE, as a person would make it and undo it: after two changes of leader, under load, it takes away all rows that plain SQL
 * clients have written. It is found in the log, the moment before it is restored beside the lab and judged by the history, and the rows are
 * brought back: at the end none is lost.
 */
export const pitr: Fault = {
  name,
  title: 'switchover, leader killed, a wrong DELETE, found and undone from the backup',
  ...restoreDrill,
  async inject(first) {
    let context = first;
    for (const fault of [switchover, leaderKill]) {
      await context.inject(fault, fault.holdMs);
      // Not the repository, which healing everything may take away.
      await context.nemesis.heal(...context.lab.members);
      context.healed(fault);
      await context.lab.waitHealthy(healedBoundMs, context.signal);
      await context.caughtUp();
      context = await context.refreshed();
    }
    const deleted = await deleteRows(context);
    await pause(betweenMs, context.signal);
    const server = await restoreTo(context, name, await find(context, deleted));
    context.say('bringing the rows back');
    await server.copy(table, `starts_with(key, '${context.prefix}')`);
  },
};

async function deleteRows({ lab, leader, prefix, nowMs, say }: FaultContext) {
  say('a wrong DELETE');
  const invokedMs = nowMs();
  await lab.psql(leader, `DELETE FROM ${table} WHERE starts_with(key, '${prefix}')`);
  return { invokedMs, endedMs: nowMs() };
}

async function find(
  { lab, nowMs, say }: FaultContext,
  deleted: Pick<Moment, 'invokedMs' | 'endedMs'>,
): Promise<Moment> {
  say('looking for it');
  const beganMs = nowMs();
  const found = await new Repository(lab).find(recentSeconds, fewRows);
  const wrong = found.findLast((suspect) => suspect.table === table && suspect.what === 'delete');
  if (wrong === undefined) throw new BackupError(`the DELETE was not found; found: ${JSON.stringify(found)}`);
  return { ...deleted, target: String(wrong.xid), findMs: nowMs() - beganMs };
}
