import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFinalState, readHistory } from '../history/history.file.js';
import { readRuns, runFileName } from '../results/results.directory.js';
import { elleHistories } from './elle.history.js';

/** A file that was written for Elle, and the model to check it with. */
export interface ExportedHistory {
  readonly path: string;
  readonly model: string;
}

/**
 * Writes the histories of a folder of runs for Elle's command line: `SCENARIO-001.rw-register.edn` and so on.
 *
 * @param to another folder for them @default the folder of the runs
 * @returns none for a run whose history was not kept
 * @throws ResultFormatError, HistoryFormatError
 */
export async function exportForElle(folder: string, to = folder): Promise<ExportedHistory[]> {
  await mkdir(to, { recursive: true });
  const exported: ExportedHistory[] = [];
  for (const run of await readRuns(folder)) {
    const path = (kind: string) => join(folder, runFileName(run, kind));
    const isKept = await access(path('history.jsonl')).then(
      () => true,
      () => false,
    );
    if (!isKept) continue;
    const history = await readHistory(path('history.jsonl'));
    const { leader } = await readFinalState(path('final.jsonl'));
    for (const { name, model, edn } of elleHistories(history, leader)) {
      const file = join(to, runFileName(run, `${name}.edn`));
      await writeFile(file, edn);
      exported.push({ path: file, model });
    }
  }
  return exported;
}
