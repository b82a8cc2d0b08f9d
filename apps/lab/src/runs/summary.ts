import { isSkipped, type RunFile } from '../results/run.result.js';
import { summarize, type Spread } from '../results/scenario.summary.js';

/** What the table says of one run. */
export function verdictWord(run: RunFile): 'pass' | 'FAIL' | 'skip' {
  if (isSkipped(run)) return 'skip';
  return run.verdict.pass ? 'pass' : 'FAIL';
}

/** For people: two decimals, or a dash where nothing was measured. */
export const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1_000).toFixed(2)} s`);

/** A line per run. */
export function verdictTable(runs: readonly RunFile[]): string {
  const head = [
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
    '',
  ];
  const rows = runs.map((run) => {
    const name = [run.scenario, String(run.run), verdictWord(run)];
    if (isSkipped(run)) return [...name, '', '', '', '', '', '', '', run.skipped];
    const { writeGapMs, readGapMs, acked, lost, duplicates, readYourWritesViolations, http, verdict } = run;
    return [
      ...name,
      seconds(writeGapMs),
      seconds(readGapMs),
      ...[acked, lost, duplicates, readYourWritesViolations].map(String),
      `${http.failed}/${http.requests}`,
      verdict.reasons.join('; '),
    ];
  });
  return aligned([head, ...rows]);
}

/** A line per scenario: minimum, median, p95 and maximum over its runs. */
export function spreadTable(runs: readonly RunFile[]): string {
  const head = ['scenario', 'passed', 'write gap min/median/p95/max', 'read gap min/median/p95/max'];
  const rows = summarize(runs).map(({ scenario, runs: count, passed, spread }) => [
    scenario,
    `${passed}/${count}`,
    spreadText(spread.writeGapMs),
    spreadText(spread.readGapMs),
  ]);
  return aligned([head, ...rows]);
}

function spreadText(spread: Spread | null): string {
  return spread === null ? '–' : [spread.min, spread.median, spread.p95, spread.max].map(seconds).join(' / ');
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
