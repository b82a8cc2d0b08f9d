import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** How to undo one thing. Each may be done twice, and where nothing is broken. */
const undoSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), service: z.string() }),
  z.object({ kind: z.literal('unpause'), service: z.string() }),
  z.object({ kind: z.literal('unlimitCpu'), service: z.string() }),
  z.object({ kind: z.literal('uncut'), service: z.string() }),
  z.object({ kind: z.literal('plugIn'), service: z.string() }),
  z.object({ kind: z.literal('thawReplay'), service: z.string() }),
  z.object({ kind: z.literal('endReports'), service: z.string() }),
  z.object({ kind: z.literal('emptyDisk'), service: z.string() }),
  z.object({ kind: z.literal('undrainEdge'), service: z.string() }),
  z.object({ kind: z.literal('stopFencing') }),
  z.object({ kind: z.literal('removePoolers') }),
  z.object({ kind: z.literal('removeEdge') }),
  z.object({ kind: z.literal('removeFourthMember') }),
  z.object({ kind: z.literal('dropRestored'), name: z.string() }),
  z.object({ kind: z.literal('rebuild'), service: z.literal('cluster') }),
  z.object({ kind: z.literal('repair') }),
  z.object({ kind: z.literal('configure'), config: z.record(z.string(), z.unknown()) }),
]);

/** See {@link undoSchema}. */
export type Undo = Readonly<z.infer<typeof undoSchema>>;

/** The process that wrote a journal. */
const ownerSchema = z.object({
  pid: z.number(),
  /** Start of that process, see {@link startOf}; absent where it can't be known. */
  started: z.string().optional(),
});

/** Another run uses this cluster. */
export class LabInUseError extends Error {
  override readonly name = 'LabInUseError';
}

/**
 * A file of how to undo everything that is broken now. Each entry is on disk before the thing is broken, so that after a crash
 * of this program its next start can heal the cluster. The file also keeps two runs from using one cluster at once.
 */
export class FaultJournal<Entry = Undo> {
  private undo: Entry[] = [];
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly started: string | undefined,
  ) {}

  /**
   * @returns the journal of the lab, with the entries that an earlier run left
   * @throws LabInUseError while the process that wrote the journal lives, or another process opens it
   */
  static open(path: string): Promise<FaultJournal> {
    return FaultJournal.openFor(undoSchema, path);
  }

  /** The same for entries of another schema: of a cluster that is no lab. */
  static async openFor<Entry>(schema: z.ZodType<Entry>, path: string): Promise<FaultJournal<Entry>> {
    await mkdir(dirname(path), { recursive: true });
    const claim = `${path}.claim`;
    await writeFile(claim, '', { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
      throw new LabInUseError(`another run is starting; if none is, remove ${claim}`, { cause });
    });
    try {
      return await FaultJournal.takeOver(schema, path);
    } finally {
      await rm(claim, { force: true });
    }
  }

  /**
   * Why another program has the lab now, or has left it broken; undefined where neither is so. Changes nothing.
   */
  static async whyTaken(path: string): Promise<string | undefined> {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { undo, ...owner } = contentOf(undoSchema, text);
    if (await isAlive(owner)) return `another run is at work: process ${owner.pid}`;
    return undo.length === 0 ? undefined : `an earlier run has left broken: ${undo.map(({ kind }) => kind).join(', ')}`;
  }

  private static async takeOver<Entry>(schema: z.ZodType<Entry>, path: string): Promise<FaultJournal<Entry>> {
    const journal = new FaultJournal<Entry>(path, await startOf(process.pid));
    const left = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (left !== undefined) {
      const { undo, ...owner } = contentOf(schema, left);
      if (await isAlive(owner)) throw new LabInUseError(`another run is at work: process ${owner.pid}, by ${path}`);
      journal.undo = undo;
    }
    await journal.save();
    return journal;
  }

  /** The entries, newest first: the order in which to undo them. */
  get broken(): readonly Entry[] {
    return this.undo.toReversed();
  }

  /** Adds an entry; resolves when it is on disk. */
  async add(undo: Entry): Promise<void> {
    this.undo.push(undo);
    await this.save();
  }

  async remove(undo: Entry): Promise<void> {
    this.undo = this.undo.filter((other) => other !== undo);
    await this.save();
  }

  /** Ends this run's use of the lab. Entries of what is still broken stay on disk. */
  async close(): Promise<void> {
    await this.writing;
    if (this.undo.length === 0) await rm(this.path, { force: true });
  }

  /** Writes beside the file and renames, so that the file is never incomplete. One write at a time. */
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

const contentOf = <Entry>(schema: z.ZodType<Entry>, text: string) =>
  ownerSchema.extend({ undo: z.array(schema) }).parse(JSON.parse(text));

/** A living process of the same number may be another one: after a reboot, or in another container. So its start is compared. */
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

/** Start of a process: the boot of the machine, and the clock tick since then. Two processes of one id differ in it. Linux only. */
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
