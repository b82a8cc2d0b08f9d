import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRuns } from '../results/results.directory.js';
import { type ScenarioSummary, summarize } from '../results/scenario.summary.js';
import { htmlReport } from './html.report.js';
import { junitReport } from './junit.report.js';

/**
 * Reads every run of a directory, and writes `report.html`, `junit.xml` and `summary.json` into it (`chaos report DIR`).
 *
 * @throws ResultFormatError where a file is no run; nothing is written then
 * @throws Error where there is no run
 */
export async function reportDirectory(directory: string): Promise<ScenarioSummary[]> {
  const runs = await readRuns(directory);
  if (runs.length === 0) throw new Error(`${directory} holds no runs (*.run.json)`);
  const summaries = summarize(runs);
  await Promise.all([
    writeFile(join(directory, 'report.html'), htmlReport(runs)),
    writeFile(join(directory, 'junit.xml'), junitReport(runs)),
    writeFile(join(directory, 'summary.json'), `${JSON.stringify(summaries, null, 2)}\n`),
  ]);
  return summaries;
}
