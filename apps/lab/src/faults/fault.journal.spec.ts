import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultJournal, LabInUseError, type Undo } from './fault.journal.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'deep', 'journal.json');
});
afterEach(() => rm(folder, { recursive: true }));

const start: Undo = { kind: 'start', service: 'patroni1' };
const uncut: Undo = { kind: 'uncut', service: 'patroni1' };
/** The largest process id of Linux: nobody has it. */
const deadPid = 4_194_304;

describe('A fault journal', () => {
  it('gives what an earlier run left broken, newest first', async () => {
    const crashed = await FaultJournal.open(path);
    await crashed.add(start);
    await crashed.add(uncut);
    expect((await FaultJournal.open(path)).broken).toEqual([uncut, start]);
  });

  it('forgets what was mended, and is gone when nothing is broken any more', async () => {
    const journal = await FaultJournal.open(path);
    await journal.add(start);
    await journal.remove(start);
    await journal.close();
    expect(existsSync(path)).toBe(false);
  });

  it('stays when something could not be mended', async () => {
    const journal = await FaultJournal.open(path);
    await journal.add(start);
    await journal.close();
    expect((await FaultJournal.open(path)).broken).toEqual([start]);
  });

  it('keeps a second run away while the first one lives', async () => {
    await writeJournal(process.ppid);
    await expect(FaultJournal.open(path)).rejects.toThrow(LabInUseError);
  });

  it('takes over from a run that died', async () => {
    await writeJournal(deadPid);
    expect((await FaultJournal.open(path)).broken).toEqual([start]);
  });

  it('refuses a file that it does not understand rather than forget what is broken', async () => {
    path = join(folder, 'journal.json');
    await writeFile(path, '{"pid":1}');
    await expect(FaultJournal.open(path)).rejects.toThrow();
  });
});

async function writeJournal(pid: number): Promise<void> {
  path = join(folder, 'journal.json');
  await writeFile(path, JSON.stringify({ pid, undo: [start] }));
}
