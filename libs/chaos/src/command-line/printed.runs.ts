import type { RunFile } from '../results/run.result.js';
import { alertTable, notJudgedTable, spreadTable, verdictTable } from '../runs/summary.js';
import { out } from './arguments.js';

/** Prints the verdicts of runs, and where their report is; or the runs as JSON. */
export function printRuns(files: readonly RunFile[], folder: string, json: boolean): void {
  if (json) {
    out(JSON.stringify(files));
    return;
  }
  const tables = [verdictTable(files), spreadTable(files), alertTable(files), notJudgedTable(files)];
  out(`\n${tables.filter((table) => table !== undefined).join('\n\n')}\n\nReport: ${folder}/report.html`);
}
