import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { assembleRun } from '../assembly/run.assembly.js';
import { readFinalState, readHistory } from '../history/history.file.js';
import type { Recovery } from '../history/recovery.js';
import { readRuns, runFileName, writeRun } from '../results/results.directory.js';
import { isSkipped, type RunFile, type RunResult } from '../results/run.result.js';
import { demandsOf, scenarioOf } from './scenario.js';

/**
 * Judges the runs of a folder again, with the present checkers and bounds, from the history, final state, events and trouble that
 * were kept, and overwrites their results. A run whose history was not kept stays as it is.
 *
 * @param say prints which runs stay as they are, and why
 * @throws ResultFormatError where a file is no run; nothing is written then
 * @throws HistoryFormatError where a history or final state can't be read
 */
export async function judgeAgain(folder: string, say: (line: string) => void): Promise<RunFile[]> {
  const files: RunFile[] = [];
  for (const file of await readRuns(folder)) {
    const judged = isSkipped(file) ? file : await judgeRun(folder, file);
    if (typeof judged === 'string') say(`${file.scenario} ${file.run} stays as it is: ${judged}`);
    else if (judged !== file) await writeRun(folder, judged);
    files.push(typeof judged === 'string' ? file : judged);
  }
  return files;
}

/** @returns the result, or the reason why the run can't be judged */
async function judgeRun(folder: string, file: RunResult): Promise<RunResult | string> {
  const scenario = scenarioOf(file.scenario);
  if (scenario === undefined) return 'there is no such scenario any more';
  const path = (kind: string) => join(folder, runFileName(file, kind));
  const [historyPath, finalPath] = [path('history.jsonl'), path('final.jsonl')];
  if (!(await exists(historyPath)) || !(await exists(finalPath))) return 'its history was not kept';
  const record = {
    history: await readHistory(historyPath),
    final: await readFinalState(finalPath),
    events: file.events,
    recovery: await recoveryOf(file, path('restored.jsonl')),
  };
  const identity = { ...file, startedAt: new Date(file.startedAt), trouble: file.trouble ?? [] };
  return assembleRun(identity, record, file.members, demandsOf(scenario));
}

/** @returns undefined where no server was restored, or where its rows were not kept */
async function recoveryOf({ recovery }: RunResult, path: string): Promise<Recovery | undefined> {
  if (recovery === undefined || !(await exists(path))) return undefined;
  const { leader: restored } = await readFinalState(path);
  const { disasterMs: invokedMs, disasterEndedMs: endedMs, findMs, filesMs, walMs, stopped, timelines } = recovery;
  return { disaster: { invokedMs, endedMs }, restored, findMs, filesMs, walMs, stopped, timelines };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
