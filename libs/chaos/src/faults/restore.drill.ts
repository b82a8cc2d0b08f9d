import { BackupError } from '../../../backup/src/backup.error.js';
import { parseTarget } from '../../../backup/src/recovery.target.js';
import { Repository } from '../../../backup/src/repository.js';
import { RestoredServer } from '../../../backup/src/restored.server.js';
import { readRows } from '../load/final.state.reader.js';
import type { Fault, FaultContext } from './fault.js';

const rtoBoundMs = 120_000;

/** What the drills have in common that restore a server and compare it with the history. */
export const restoreDrill = {
  expects: { recoveryMissing: { max: 0 }, recoveryExtra: { max: 0 }, recoveryRtoMs: { max: rtoBoundMs } },
  composite: true,
  holdMs: 0,
  precondition: async ({ lab }: Pick<FaultContext, 'lab'>) =>
    (await lab.hasBackup()) ? undefined : 'there is no backup: scripts/lab backup on',
} as const satisfies Partial<Fault>;

/** The moment that a restore has to meet. */
export interface Moment {
  /** As given to `restore --to`. */
  readonly target: string;
  /** When what marks the moment was sent and acknowledged, in milliseconds of the run. */
  readonly invokedMs: number;
  readonly endedMs: number;
  /** How long it took to find the target. */
  readonly findMs: number;
}

/** Restores a server to a moment and adds its rows to the record of the run. The server is dropped when the run heals. */
export async function restoreTo(context: FaultContext, name: string, moment: Moment): Promise<RestoredServer> {
  const { lab, nemesis, prefix, say, recovered, nowMs } = context;
  const { invokedMs, endedMs } = moment;
  const beganMs = nowMs();
  const server = new RestoredServer(lab, name);
  await nemesis.healLater({ kind: 'dropRestored', name });
  await server.remove();
  const { backup, target } = await new Repository(lab, say).planFor(parseTarget(moment.target));
  const findMs = Math.round(moment.findMs + nowMs() - beganMs);
  const { filesMs, walMs, stopped, timelines } = await server.restore(backup, target, say);
  if (stopped === undefined) throw new BackupError(`${server.containerName} does not say where recovery stopped`);
  const rows = await readRows((sql) => server.psql(sql), prefix);
  recovered({
    disaster: { invokedMs, endedMs },
    restored: { member: server.containerName, role: 'leader', ...rows },
    findMs,
    filesMs,
    walMs,
    stopped,
    timelines,
  });
  return server;
}

/** Marks the present moment with a restore point, to which a server can be restored. */
export async function markMoment({ lab, prefix, nowMs }: FaultContext): Promise<Moment> {
  const target = prefix.replaceAll('-', '_');
  const invokedMs = nowMs();
  await lab.psql(await lab.leader(), `SELECT pg_create_restore_point('${target}')`);
  return { target, invokedMs, endedMs: nowMs(), findMs: 0 };
}
