import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { healedBoundMs } from '../faults/bounds.js';
import { FaultJournal } from '../faults/fault.journal.js';
import { NotHealedError } from '../faults/healing.js';
import { CannotRunError } from '../runs/cannot.run.error.js';
import type { AccessSource } from './sql.access.js';
import { TargetCluster } from './target.cluster.js';
import { TargetNemesis } from './target.nemesis.js';
import { readinessOf } from './target.readiness.js';
import type { Target } from './target.schema.js';
import { targetUndoSchema, type TargetUndo } from './target.undo.js';

/** Bounds the wait for a cluster that nobody has touched. */
export const healthyBoundMs = 20_000;

/** How a session finds its target, and its own journal. */
export interface SessionOptions {
  readonly target: Target;
  readonly source: AccessSource;
  /** Where it is written what is broken, for each target by its name. */
  readonly stateFolder: string;
  readonly say: (line: string) => void;
}

/** Exclusive use of a target from this machine: healthy at the start; at the end healed, and without the judge's schema. */
export class TargetSession {
  private constructor(
    readonly cluster: TargetCluster,
    readonly nemesis: TargetNemesis,
    private readonly journal: FaultJournal<TargetUndo>,
  ) {}

  /**
   * Heals what an earlier run left broken, checks that the target can be used, and makes the schema.
   *
   * @param faults names of the faults that will be injected
   * @throws CannotRunError when the target can't be used: nothing has changed then
   * @throws NotHealedError when what was left broken, or a schema that was half made, can't be removed: it stays in the journal
   * @throws LabInUseError while another run is at work
   */
  static async open(options: SessionOptions, faults: readonly string[], signal: AbortSignal): Promise<TargetSession> {
    const { journal, nemesis } = await claim(options);
    const { target, source, say } = options;
    try {
      const wasBroken = await healLeftovers(journal, nemesis, say, signal);
      const cluster = await TargetCluster.open(
        target,
        source,
        wasBroken ? { boundMs: healedBoundMs, signal } : undefined,
      );
      const boundMs = wasBroken ? healedBoundMs : healthyBoundMs;
      const readiness = await readinessOf(cluster, faults, boundMs, signal);
      if ('refusals' in readiness) throw new CannotRunError(readiness.refusals.join('\n'));
      if (readiness.schema === 'create')
        await nemesis.makeSchema(randomUUID()).catch((cause: Error) => {
          throw new CannotRunError(`the schema cannot be made: ${cause.message}`, { cause });
        });
      return new TargetSession(cluster, nemesis, journal);
    } catch (error) {
      try {
        // Nothing was made yet where what was left could not be healed: the next start tries again.
        if (!(error instanceof NotHealedError) && journal.broken.length > 0) {
          say(`healing: ${error instanceof Error ? error.message : String(error)}`);
          await nemesis.heal('everything', signal);
        }
      } catch (notHealed) {
        throw Object.assign(notHealed as Error, { cause: error });
      } finally {
        await journal.close();
      }
      throw error;
    }
  }

  /**
   * Heals what an interrupted run has left broken, and removes its schema and rows.
   *
   * @returns whether there was anything
   * @throws NotHealedError
   * @throws LabInUseError while another run is at work
   */
  static async heal(options: SessionOptions): Promise<boolean> {
    const { journal, nemesis } = await claim(options);
    try {
      return await healLeftovers(journal, nemesis, options.say);
    } finally {
      await journal.close();
    }
  }

  /** Heals the target, removes the schema that was made, and ends the use of the target. @throws NotHealedError */
  async close(): Promise<void> {
    try {
      await this.nemesis.heal('everything');
    } finally {
      await this.journal.close();
    }
  }
}

async function claim({ target, source, stateFolder }: SessionOptions) {
  const journal = await FaultJournal.openFor(targetUndoSchema, join(stateFolder, `${target.name}.json`));
  return { journal, nemesis: new TargetNemesis(journal, target, source) };
}

async function healLeftovers(
  journal: FaultJournal<TargetUndo>,
  nemesis: TargetNemesis,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  const left = journal.broken.map((undo) => (undo.kind === 'commands' ? `fault ${undo.fault}` : undo.kind));
  if (left.length > 0) say(`healing what an earlier run left: ${left.join(', ')}`);
  return nemesis.heal('everything', signal);
}
