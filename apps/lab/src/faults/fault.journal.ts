import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** What mends one thing. Each may be done again, and on something that is whole. */
const undoSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), service: z.string() }),
  z.object({ kind: z.literal('unpause'), service: z.string() }),
  z.object({ kind: z.literal('uncut'), service: z.string() }),
  z.object({ kind: z.literal('thawReplay'), service: z.string() }),
  z.object({ kind: z.literal('emptyDisk'), service: z.string() }),
  z.object({ kind: z.literal('stopFencing') }),
  z.object({ kind: z.literal('configure'), config: z.record(z.string(), z.unknown()) }),
]);

/** See {@link undoSchema}. */
export type Undo = Readonly<z.infer<typeof undoSchema>>;

const journalSchema = z.object({ pid: z.number(), undo: z.array(undoSchema) });

/** Another chaos run works on this lab. */
export class LabInUseError extends Error {
  override readonly name = 'LabInUseError';
}

/**
 * What is broken at the moment, on disk before it is broken: a crash of this program leaves a list by which the next start
 * heals the lab. Also keeps two runs apart.
 */
export class FaultJournal {
  private undo: Undo[] = [];
  private writing: Promise<void> = Promise.resolve();

  private constructor(private readonly path: string) {}

  /**
   * @returns the journal, holding what an earlier run left broken
   * @throws LabInUseError while the process that wrote it lives
   */
  static async open(path: string): Promise<FaultJournal> {
    const journal = new FaultJournal(path);
    const left = await readFile(path, 'utf8').catch(() => undefined);
    if (left !== undefined) {
      const { pid, undo } = journalSchema.parse(JSON.parse(left));
      if (pid !== process.pid && isAlive(pid))
        throw new LabInUseError(`another chaos run is at work: process ${pid}, by ${path}`);
      journal.undo = undo;
    }
    await mkdir(dirname(path), { recursive: true });
    await journal.save();
    return journal;
  }

  /** Newest first: the order in which to mend. */
  get broken(): readonly Undo[] {
    return this.undo.toReversed();
  }

  /** Resolves when it is on disk. */
  async add(undo: Undo): Promise<void> {
    this.undo.push(undo);
    await this.save();
  }

  async remove(undo: Undo): Promise<void> {
    this.undo = this.undo.filter((other) => other !== undo);
    await this.save();
  }

  /** Ends this run's claim on the lab. What is still broken stays written down. */
  async close(): Promise<void> {
    await this.writing;
    if (this.undo.length === 0) await rm(this.path, { force: true });
  }

  /** Never half a file: written beside it and renamed. One write at a time. */
  private save(): Promise<void> {
    const content = JSON.stringify({ pid: process.pid, undo: this.undo });
    const before = this.writing;
    const write = async () => {
      await before;
      await writeFile(`${this.path}.new`, content);
      await rename(`${this.path}.new`, this.path);
    };
    this.writing = write();
    return this.writing;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
