import { isSkipped, type RunResult } from '../../../../libs/chaos/src/results/run.result.js';
import { type ScenarioSummary, summarize } from '../../../../libs/chaos/src/results/scenario.summary.js';
import type { Published, PublishedBenchmark, PublishedRuns } from './published.results.js';

/** The index `docs/results/README.md`: what was measured, when, on what and by which command. */
export function resultsPage({ chaos, benchmarks }: Published, figures: string): string {
  return `<!-- Made by \`npm run docs\` from what this folder holds. Change that, not this page. -->

# Results

What was measured, as it was measured: what failed or was skipped, too. Figures of different days compare days as much as code.

![Time without writes and reads, repeated runs and every fault once](${figures})

## Runs of \`scripts/lab chaos\`

${table(
  ['runs', 'when (UTC)', 'passed', 'writes acknowledged', 'lost', 'twice', 'HTTP requests failed'],
  chaos.map(runsRow),
)}

A mutation takes a protection away and passes when its damage is found. Those writes are lost or twice on purpose.

${chaos.map(details).join('\n')}

A folder keeps the result of each run (\`*.run.json\`: figures, seconds, members, events, live configuration), the summary of them, and
what was run (\`about.json\`). Pages with a timeline of each run, and JUnit, are made from these when they are wanted, and not kept:

\`\`\`sh
scripts/lab chaos report docs/results/chaos/${chaos[0]?.name ?? 'FOLDER'}   # report.html and junit.xml, in that folder
\`\`\`

Histories, from which \`chaos judge\` judges again, are too large to be kept. \`git log docs/results/chaos/FOLDER\` says when runs were published.
To publish more: \`scripts/lab chaos run … --out docs/results/chaos/FOLDER\`, an \`about.json\` as in the other folders, \`npm run docs\`.

Tests, also those of CI, leave the results and pages of their own runs in \`test-artifacts/chaos\`, and the pages of the folders above in \`test-artifacts/published\`.

## Benchmarks

${table(['measured', 'when', 'on', 'commit', 'again with'], benchmarks.map(benchmarkRow))}
`;
}

function runsRow({ name, title, runs }: PublishedRuns): string[] {
  const summaries = summarize(runs);
  const sum = (figure: (summary: ScenarioSummary) => number) =>
    count(summaries.reduce((total, summary) => total + figure(summary), 0));
  return [
    `[${title}](chaos/${name})`,
    period(runs.map(({ startedAt }) => startedAt)),
    `${sum(({ passed }) => passed)} of ${sum((summary) => summary.runs)}`,
    sum(({ total }) => total.acked),
    sum(({ total }) => total.lost),
    sum(({ total }) => total.duplicates),
    `${sum(({ total }) => total.httpFailed)} of ${sum(({ total }) => total.httpRequests)}`,
  ];
}

/** How the runs of a folder were made, what did not pass or was skipped, and why. */
function details({ name, command, machine, note, runs }: PublishedRuns): string {
  const done = runs.filter((run): run is RunResult => !isSkipped(run));
  const lines = summarize(runs).flatMap(({ scenario, failures, skipped }) => [
    ...failures.map(({ run, reasons }) => `\`${scenario}\`, run ${run}, did not pass: ${reasons.join('; ')}.`),
    ...skipped.map((reason) => `\`${scenario}\` was skipped: ${reason}.`),
  ]);
  return [
    `- **${name}**: \`${command}\`; ${[machine, ...distinct(done.map(versions)), ...distinct(done.map(load))].join('; ')}.`,
    ...[...lines, ...(note === undefined ? [] : [note])].map((line) => `  - ${line}`),
  ].join('\n');
}

/** From the first start to the last. */
function period(starts: readonly string[]): string {
  const [first = '', ...others] = starts.toSorted();
  const last = others.at(-1) ?? first;
  const [date, from] = [first.slice(0, 10), first.slice(11, 16)];
  if (first === last) return `${date} ${from}`;
  return date === last.slice(0, 10) ? `${date} ${from} to ${last.slice(11, 16)}` : `${date} to ${last.slice(0, 10)}`;
}

const versions = ({ config }: RunResult): string => {
  const of = (program: string) => config.versions[program]?.replace(/ \(.*/, '') ?? '?';
  return `PostgreSQL ${of('postgresql')}, Patroni ${of('patroni')}, etcd ${of('etcd')}, HAProxy ${of('haproxy')}, Node ${of('node')}`;
};

const load = ({ config }: RunResult): string =>
  `${String(config.load?.['ratePerSecond'])} operations a second by ${String(config.load?.['clients'])} clients`;

const benchmarkRow = ({ name, title, command, machine, commit, date }: PublishedBenchmark): string[] => [
  `[${title}](${name}.md)`,
  date,
  machine,
  commit,
  `\`${command}\``,
];

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

/** With separators: `1,234,567`. */
const count = (value: number): string => value.toLocaleString('en');
