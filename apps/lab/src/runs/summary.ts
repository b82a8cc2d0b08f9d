import { isSkipped, type RunFile } from '../results/run.result.js';

/** What the table says of one run. */
export function verdictWord(run: RunFile): 'pass' | 'FAIL' | 'skip' {
  if (isSkipped(run)) return 'skip';
  return run.verdict.pass ? 'pass' : 'FAIL';
}

const columns = [
  'scenario',
  'run',
  'verdict',
  'write gap',
  'read gap',
  'acked',
  'lost',
  'dup',
  'RYW',
  'HTTP failed',
  'why',
];

/** A table for people: a line per run. */
export function verdictTable(runs: readonly RunFile[]): string {
  const rows = runs.map((run) =>
    isSkipped(run)
      ? [run.scenario, String(run.run), verdictWord(run), '', '', '', '', '', '', '', run.skipped]
      : [
          run.scenario,
          String(run.run),
          verdictWord(run),
          seconds(run.writeGapMs),
          seconds(run.readGapMs),
          String(run.acked),
          String(run.lost),
          String(run.duplicates),
          String(run.readYourWritesViolations),
          `${run.http.failed}/${run.http.requests}`,
          run.verdict.reasons.join('; '),
        ],
  );
  const all = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1_000).toFixed(2)} s`);
