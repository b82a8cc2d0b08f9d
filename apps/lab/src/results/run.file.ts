import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFileSchema, type RunFile } from './run.result.js';

/** `switchover-03.run.json`, and what lies beside it. */
export const runFileName = (scenario: string, run: number, kind: string): string =>
  `${scenario}-${String(run).padStart(2, '0')}.${kind}`;

/** Keeps the result of a run; its shape is checked before it is written. */
export async function writeRun(folder: string, run: RunFile): Promise<void> {
  const content = `${JSON.stringify(runFileSchema.parse(run), null, 2)}\n`;
  await writeFile(join(folder, runFileName(run.scenario, run.run, 'run.json')), content);
}

/** Every run of a folder, by scenario and number. */
export async function readRuns(folder: string): Promise<RunFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.run.json'));
  return Promise.all(
    names.toSorted().map(async (name) => runFileSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
}
