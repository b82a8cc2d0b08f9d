import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
/** The largest process id of Linux: no process has it. */
const deadPid = 4_194_304;

describe('A fault journal', () => {
  it('lists what an earlier run left broken, newest first', async () => {
    const crashed = await FaultJournal.open(path);
    await crashed.add(start);
    await crashed.add(uncut);
    expect((await FaultJournal.open(path)).broken).toEqual([uncut, start]);
  });

  it('forgets what was healed, and removes its file when nothing is broken any more', async () => {
    const journal = await FaultJournal.open(path);
    await journal.add(start);
    await journal.remove(start);
    await journal.close();
    expect(existsSync(path)).toBe(false);
  });

  it('keeps its file when something could not be healed', async () => {
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

  it('takes over from a dead run whose process id another process has by now', async () => {
    await writeJournal(process.ppid, 'an earlier boot 4711');
    const opened = FaultJournal.open(path);
    // Only Linux tells the two apart.
    if (process.platform === 'linux') expect((await opened).broken).toEqual([start]);
    else await expect(opened).rejects.toThrow(LabInUseError);
  });

  it('refuses while the process that wrote it lives, and takes over once that was killed', async () => {
    path = join(folder, 'journal.json');
    const script = `import('${new URL('fault.journal.ts', import.meta.url).href}')
      .then(({ FaultJournal }) => FaultJournal.open(${JSON.stringify(path)}))
      .then(() => { console.log('open'); process.stdin.resume(); })`;
    const other = spawn(process.execPath, ['--import', 'tsx', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    await expect(FaultJournal.open(path)).rejects.toThrow(LabInUseError);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect((await FaultJournal.open(path)).broken).toEqual([]);
  });

  it('lets in only one of two runs that start at the same moment', async () => {
    const opened = await Promise.allSettled([FaultJournal.open(path), FaultJournal.open(path)]);
    expect(opened.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(opened.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(LabInUseError) });
    await expect(FaultJournal.open(path)).resolves.toBeDefined();
  });

  it('refuses a file that it does not understand, for it would forget what is broken', async () => {
    path = join(folder, 'journal.json');
    await writeFile(path, '{"pid":1}');
    await expect(FaultJournal.open(path)).rejects.toThrow();
  });
});

async function writeJournal(pid: number, started?: string): Promise<void> {
  path = join(folder, 'journal.json');
  await writeFile(path, JSON.stringify({ pid, started, undo: [start] }));
}
