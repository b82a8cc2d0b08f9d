import { isJudged, isSkipped, type RunFile } from '../results/run.result.js';
import { notJudgedIn, summarize, type Spread } from '../results/scenario.summary.js';

/** The verdict of a run as the table shows it. */
export function verdictWord(run: RunFile): 'pass' | 'FAIL' | 'skip' {
  if (isSkipped(run)) return 'skip';
  return run.verdict.pass ? 'pass' : 'FAIL';
}

/** Seconds with two decimals, or a dash where nothing was measured. */
export const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1_000).toFixed(2)} s`);

/** One line for each run, and indented below it why it failed or was skipped. */
export function verdictTable(runs: readonly RunFile[]): string {
  const head = [
    'scenario',
    'run',
    'verdict',
    'SQL write gap',
    'SQL read gap',
    'HTTP write gap',
    'HTTP read gap',
    'acked',
    'lost',
    'dup',
    'RYW',
    'HTTP failed',
  ];
  const rows = runs.map((run) => {
    const name = [run.scenario, String(run.run), verdictWord(run)];
    if (isSkipped(run)) return name;
    const { gaps, acked, lost, duplicates, readYourWritesViolations, http } = run;
    return [
      ...name,
      ...[gaps.sql.writeMs, gaps.sql.readMs, gaps.http.writeMs, gaps.http.readMs].map(seconds),
      ...[acked, lost, duplicates, readYourWritesViolations].map(String),
      isJudged(run, 'httpFailed') ? `${http.failed}/${http.requests}` : '–',
    ];
  });
  const [top, ...lines] = aligned([head, ...rows]);
  return [top, ...lines.flatMap((line, index) => [line, ...reasonsOf(runs[index]!)])].join('\n');
}

const reasonsOf = (run: RunFile): string[] =>
  (isSkipped(run) ? [run.skipped] : run.verdict.reasons).map((reason) => `    ${reason}`);

/** One line for each scenario, below a line that says what its four figures are. */
export function spreadTable(runs: readonly RunFile[]): string {
  const summaries = summarize(runs);
  // Of little interest where nothing was restored: without a backup a fault is healed when its time is over.
  const hasRecovery = summaries.some(({ spread }) => spread.recoveryRtoMs !== null);
  const head = [
    'scenario',
    'passed',
    'SQL write gap',
    'SQL read gap',
    'HTTP write gap',
    'HTTP read gap',
    ...(hasRecovery ? ['restored in', 'healed after'] : []),
  ];
  const rows = summaries.map(({ scenario, runs: count, passed, flaky, spread }) => [
    scenario,
    count === 0 ? 'skipped' : `${passed}/${count}${flaky ? ' flaky' : ''}`,
    ...[spread.sqlWriteGapMs, spread.sqlReadGapMs, spread.httpWriteGapMs, spread.httpReadGapMs].map(spreadText),
    ...(hasRecovery ? [spread.recoveryRtoMs, spread.healedMs].map(spreadText) : []),
  ]);
  return ['Over the runs of a scenario, in seconds: min/median/p95/max', ...aligned([head, ...rows])].join('\n');
}

/** One line for each alert that a run has raised, in seconds after the fault and after healing. Undefined where no run was watched for alerts. */
export function alertTable(runs: readonly RunFile[]): string | undefined {
  const watched = runs.flatMap((run) =>
    isSkipped(run) || run.alerts === undefined ? [] : [{ run, alerts: run.alerts }],
  );
  if (watched.length === 0) return undefined;
  const rows = watched.flatMap(({ run, alerts: { raised } }) =>
    raised.length === 0
      ? [[run.scenario, 'none', '', '', '']]
      : raised.map(({ alert, firedAfterSeconds, clearedAfterSeconds, expected }, index) => [
          index === 0 ? run.scenario : '',
          alert,
          String(firedAfterSeconds),
          clearedAfterSeconds === null ? 'not' : String(clearedAfterSeconds),
          expected,
        ]),
  );
  return aligned([['scenario', 'alert', 'fires after s', 'clears after s', 'expected'], ...rows]).join('\n');
}

/** What the runs say nothing about, a line each. Undefined where everything was judged. */
export function notJudgedTable(runs: readonly RunFile[]): string | undefined {
  const rows = notJudgedIn(runs).map(({ figure, reason }) => [`  ${figure}`, reason]);
  return rows.length === 0 ? undefined : ['Not judged, and so neither passed nor failed:', ...aligned(rows)].join('\n');
}

function spreadText(spread: Spread | null): string {
  if (spread === null) return '–';
  return [spread.min, spread.median, spread.p95, spread.max].map((ms) => (ms / 1_000).toFixed(2)).join('/');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
