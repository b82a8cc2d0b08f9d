import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** What mends one thing. Each may be done again, and on something that is whole. */
const undoSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), service: z.string() }),
  z.object({ kind: z.literal('unpause'), service: z.string() }),
  z.object({ kind: z.literal('uncut'), service: z.string() }),
  z.object({ kind: z.literal('thawReplay'), service: z.string() }),
  z.object({ kind: z.literal('endReports'), service: z.string() }),
  z.object({ kind: z.literal('emptyDisk'), service: z.string() }),
  z.object({ kind: z.literal('stopFencing') }),
  z.object({ kind: z.literal('removeFourthMember') }),
  z.object({ kind: z.literal('repair') }),
  z.object({ kind: z.literal('configure'), config: z.record(z.string(), z.unknown()) }),
]);

/** See {@link undoSchema}. */
export type Undo = Readonly<z.infer<typeof undoSchema>>;

const journalSchema = z.object({
  pid: z.number(),
  /** See {@link startOf}; absent where it can't be known. */
  started: z.string().optional(),
  undo: z.array(undoSchema),
});

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

  private constructor(
    private readonly path: string,
    private readonly started: string | undefined,
  ) {}

  /**
   * @returns the journal, holding what an earlier run left broken
   * @throws LabInUseError while the process that wrote it lives, or another one is opening it
   */
  static async open(path: string): Promise<FaultJournal> {
    await mkdir(dirname(path), { recursive: true });
    const claim = `${path}.claim`;
    await writeFile(claim, '', { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
      throw new LabInUseError(`another chaos run is starting; if none is, remove ${claim}`, { cause });
    });
    try {
      return await FaultJournal.takeOver(path);
    } finally {
      await rm(claim, { force: true });
    }
  }

  private static async takeOver(path: string): Promise<FaultJournal> {
    const journal = new FaultJournal(path, await startOf(process.pid));
    const left = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (left !== undefined) {
      const { undo, ...owner } = journalSchema.parse(JSON.parse(left));
      if (await isAlive(owner))
        throw new LabInUseError(`another chaos run is at work: process ${owner.pid}, by ${path}`);
      journal.undo = undo;
    }
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
    const content = JSON.stringify({ pid: process.pid, started: this.started, undo: this.undo });
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

/** A process of the same number may be another one: after a reboot, or seen from another container. */
async function isAlive({ pid, started }: { pid: number; started?: string | undefined }): Promise<boolean> {
  if (pid === process.pid || !exists(pid)) return false;
  const now = await startOf(pid);
  return started === undefined || now === undefined || now === started;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Which boot of the machine, and which clock tick since then: no two processes of one number share it. Linux only. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // Field 22 of proc_pid_stat(5), counted from behind the name in parentheses, which may contain anything.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot.trim()} ${ticks}`;
  } catch {
    return undefined;
  }
}
