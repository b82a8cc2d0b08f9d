import {
  isJudged,
  isSkipped,
  type Latency,
  type RunFile,
  type RunResult,
  type SkippedRun,
} from '../results/run.result.js';
import { type ScenarioSummary, type Spread, summarize } from '../results/scenario.summary.js';
import { html, type Html } from './html.js';
import { markersOf } from './markers.js';
import { styles } from './page.styles.js';
import { timeAxis } from './time.axis.js';
import { layouts, timelineChart } from './timeline.chart.js';

/** One HTML page about all runs of a directory. It refers to no other file, so it can be mailed or kept. */
export function htmlReport(files: readonly RunFile[]): string {
  const runs = files.filter((file): file is RunResult => !isSkipped(file));
  const summaries = summarize(files);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Chaos results</title>
        <style>
          ${styles}
        </style>
      </head>
      <body>
        <h1>Chaos results</h1>
        ${headline(files, runs, summaries)}
        <h2>Verdicts</h2>
        ${verdicts(summaries)} ${disclosures(summaries)}
        <h2>Figures per scenario</h2>
        <p class="muted">min / median / p95 / max over the runs, in ms, by nearest rank.</p>
        ${figures(summaries)}
        <h2>Configuration</h2>
        ${configurations(runs)}
        <h2>Runs</h2>
        <p class="key">
          <span><i style="background:var(--http)"></i>HTTP</span><span><i style="background:var(--sql)"></i>SQL</span>
          <span><i style="background:var(--bad)"></i>errors</span
          ><span><i style="background:var(--leader)"></i>leader</span>
          <span><i style="background:var(--replica)"></i>replica</span
          ><span><i style="background:var(--line)"></i>unreachable</span>
          <span>T1, T2: timeline</span>
        </p>
        ${files.map((file) =>
          isSkipped(file) ? skippedSection(file) : section(file, runs.length === 1 || !file.verdict.pass),
        )}
      </body>
    </html> `.text;
}

function headline(files: readonly RunFile[], runs: readonly RunResult[], summaries: readonly ScenarioSummary[]): Html {
  const failed = runs.filter(({ verdict }) => !verdict.pass).length;
  const flaky = summaries.filter((summary) => summary.flaky).length;
  const times = files.map(({ startedAt }) => startedAt).toSorted();
  const when = times.length === 0 ? '' : `First run ${utc(times[0]!)}, last ${utc(times.at(-1)!)}.`;
  return html`<p>
    <span class="${failed === 0 ? 'pass' : 'fail'}">${runs.length - failed} of ${runs.length} runs passed</span>,
    ${files.length - runs.length} skipped; ${flaky} of ${summaries.length} scenarios flaky.
    <span class="muted">${when}</span>
  </p>`;
}

/** The columns. Long names may break at a space or a soft hyphen; on a phone each name stands beside its figure. */
const figureColumns: readonly {
  readonly name: string;
  readonly of: (summary: ScenarioSummary) => number | string;
  /** A figure above zero is damage, and is marked. */
  readonly damage?: true;
  /** The figure of a verdict that it shows: it may be one that this cluster does not tell. */
  readonly figure?: string;
}[] = [
  { name: 'passed', of: ({ passed, runs }) => `${passed}/${runs}` },
  { name: 'SQL write gap, p95', of: ({ spread }) => ms(spread.sqlWriteGapMs?.p95) },
  { name: 'SQL read gap, p95', of: ({ spread }) => ms(spread.sqlReadGapMs?.p95) },
  { name: 'HTTP write gap, p95', of: ({ spread }) => ms(spread.httpWriteGapMs?.p95) },
  { name: 'HTTP read gap, p95', of: ({ spread }) => ms(spread.httpReadGapMs?.p95) },
  { name: 'longest HTTP request, p95', of: ({ spread }) => ms(spread.longestRequestMs?.p95) },
  { name: 'acked', of: ({ total }) => total.acked },
  { name: 'lost', of: ({ total }) => total.lost, damage: true },
  { name: 'ghosts', of: ({ total }) => total.ghosts, damage: true },
  { name: 'unknown, and there', of: ({ total }) => total.unknownPresent },
  { name: 'dupli\u00adcates', of: ({ total }) => total.duplicates, damage: true },
  {
    name: 'session viola\u00adtions',
    of: ({ total }) => total.readYourWritesViolations + total.monotonicViolations,
    damage: true,
  },
  { name: 'lost updates', of: ({ total }) => total.lostUpdates, damage: true },
  { name: 'not linear\u00adizable', of: ({ total }) => total.linearizabilityViolations, damage: true },
  { name: 'two leaders', of: ({ total }) => total.dualLeaderCommits, damage: true, figure: 'dualLeaderCommits' },
  { name: 'diver\u00adgent', of: ({ total }) => total.divergentRows, damage: true, figure: 'divergentRows' },
  { name: 'stale reads', of: ({ total }) => total.staleReads },
  {
    name: 'HTTP failed',
    of: ({ total }) => `${total.httpFailed} of ${total.httpRequests}`,
    figure: 'httpFailed',
  },
];

function verdicts(summaries: readonly ScenarioSummary[]): Html {
  const figuresOf = (summary: ScenarioSummary) =>
    figureColumns.map(({ name, of, damage, figure: judged }) => {
      if (judged !== undefined && !isJudged(summary, judged))
        return html`<td data-name="${name}" class="muted">not judged</td>`;
      const figure = of(summary);
      return html`<td data-name="${name}" class="${damage === true && figure !== 0 ? 'warn' : ''}">${figure}</td>`;
    });
  const row = (summary: ScenarioSummary) =>
    html`<tr>
      <th>${summary.scenario}</th>
      <td class="verdict">${verdictWord(summary)}</td>
      ${
        summary.runs === 0
          ? html`<td class="reason" colspan="${figureColumns.length}">${summary.skipped.join('; ')}</td>`
          : figuresOf(summary)
      }
    </tr>`;
  const head = ['scenario', 'verdict', ...figureColumns.map(({ name }) => name)];
  return html`<div class="verdicts">${table(head, summaries.map(row))}</div>
    <p class="muted">
      Gaps in ms. SQL: clients without the service; HTTP: clients of the service. “Unknown, and there”: writes that were
      not answered and are there, which is allowed. A mutation, a scenario with a protection switched off, passes when
      its damage is found.
    </p>`;
}

/** The verdict of a scenario, which also says whether some of its runs were skipped. */
function verdictWord({ runs, passed, flaky, skipped }: ScenarioSummary): Html {
  if (runs === 0) return html`<span class="warn">skipped</span>`;
  const some = skipped.length > 0 && html`<span class="warn">, some skipped</span>`;
  if (passed === runs) return html`<span class="pass">pass</span>${some}`;
  return html`<span class="fail">${flaky ? 'fail (flaky)' : 'fail'}</span>${some}`;
}

/** Runs that failed or were skipped, and what was not judged, with the reasons. */
function disclosures(summaries: readonly ScenarioSummary[]): Html {
  const items = summaries.flatMap(({ scenario, failures, skipped, notJudged = [] }) => [
    ...failures.map(({ run, reasons }) => html`<li><b>${scenario}</b>, run ${run}: ${reasons.join('; ')}</li>`),
    ...skipped.map((reason) => html`<li><b>${scenario}</b>, skipped: ${reason}</li>`),
    ...notJudged.map(({ figure, reason }) => html`<li><b>${scenario}</b>, not judged: ${figure}: ${reason}</li>`),
  ]);
  return items.length === 0
    ? html``
    : html`<h3>Failed, skipped and not judged</h3>
        <ul>
          ${items}
        </ul>`;
}

const spreads: readonly (readonly [keyof ScenarioSummary['spread'], string])[] = [
  ['sqlWriteGapMs', 'SQL write gap'],
  ['sqlReadGapMs', 'SQL read gap'],
  ['httpWriteGapMs', 'HTTP write gap'],
  ['httpReadGapMs', 'HTTP read gap'],
  ['rejoinMs', 'rejoin'],
  ['recoveryRtoMs', 'restored in'],
  ['healedMs', 'healed after'],
];

function figures(summaries: readonly ScenarioSummary[]): Html {
  const cells = (spread: Spread | null) =>
    spread === null
      ? html`<td>–</td>`
      : html`<td>${ms(spread.min)} / <b>${ms(spread.median)}</b> / ${ms(spread.p95)} / ${ms(spread.max)}</td>`;
  const row = ({ scenario, runs, spread }: ScenarioSummary) =>
    html`<tr>
      <th>${scenario}</th>
      <td>${runs}</td>
      ${spreads.map(([figure]) => cells(spread[figure]))}
    </tr>`;
  return table(['scenario', 'runs', ...spreads.map(([, name]) => name)], summaries.map(row));
}

function table(head: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${head.map((name) => html`<th>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** Each configuration once, with the runs that had it. */
function configurations(runs: readonly RunResult[]): readonly Html[] {
  const distinct = new Map<string, RunResult[]>();
  for (const run of runs) {
    const { load: _load, ...config } = run.config;
    const text = JSON.stringify(config);
    distinct.set(text, [...(distinct.get(text) ?? []), run]);
  }
  return [...distinct.values()].map((same) => {
    const { patroni, images, versions } = same[0]!.config;
    const scenarios = [...new Set(same.map(({ scenario }) => scenario))].join(', ');
    const rows = (of: Readonly<Record<string, string>>) =>
      Object.entries(of).map(
        ([name, value]) =>
          html`<tr>
            <th>${name}</th>
            <td>${value}</td>
          </tr>`,
      );
    return html`<details>
      <summary>${same.length} runs of ${scenarios}</summary>
      <div>
        <h3>Versions</h3>
        <div class="scroll">
          <table>
            <tbody>
              ${rows(versions)}
            </tbody>
          </table>
        </div>
        <h3>Image ids</h3>
        <div class="scroll">
          <table>
            <tbody>
              ${rows(images)}
            </tbody>
          </table>
        </div>
        <h3>Patroni, live</h3>
        <pre>${JSON.stringify(patroni, null, 2)}</pre>
      </div>
    </details>`;
  });
}

function skippedSection({ scenario, run, skipped, startedAt }: SkippedRun): Html {
  return html`<p class="skipped">
    ${scenario}, run ${run}: <span class="warn">skipped</span>, ${skipped} <span class="muted">${utc(startedAt)}</span>
  </p>`;
}

function section(run: RunResult, open: boolean): Html {
  const { scenario, verdict, gaps } = run;
  const { written } = timeAxis(run);
  const word = verdict.pass ? html`<span class="pass">pass</span>` : html`<span class="fail">fail</span>`;
  return html`<details${open ? html` open` : ''}>
<summary>${scenario}, run ${run.run}: ${word} <span class="muted">write gap ${ms(gaps.sql.writeMs)} ms by SQL,
${ms(gaps.http.writeMs)} ms by HTTP, ${run.acked} writes acknowledged, ${utc(run.startedAt)}</span></summary><div>
${
  verdict.reasons.length > 0 &&
  html`<ul>
    ${verdict.reasons.map((reason) => html`<li class="fail">${reason}</li>`)}
  </ul>`
}
<div class="chart wide">${timelineChart(run, layouts.wide)}</div>
<div class="chart narrow">${timelineChart(run, layouts.narrow)}</div>
<ul class="markers">${markersOf(run).map(({ label, atMs, text }) => html`<li><b>${label}</b> ${written(atMs / 1_000, 2)} ${text}</li>`)}</ul>
<h3>Counts</h3>${counts(countsOf(run))}
<h3>Longest gaps, ms</h3>${counts({
    'SQL writes': gaps.sql.writeMs,
    'SQL reads': gaps.sql.readMs,
    'HTTP writes': gaps.http.writeMs,
    'HTTP reads': gaps.http.readMs,
  })}
<h3>Phases after the fault, ms</h3>${counts({ ...run.phases, rejoinMs: run.rejoinMs })}
<h3>Latency, ms</h3>${latencies(run)}
${staleness(run)}
<h3>Errors by class</h3>${counts(run.errorsByClass)}
<h3>HTTP answers by status</h3>${counts(run.http.byStatus)}
${examples(run)}
<p class="muted">Seed ${run.seed}, timeline ${run.timeline.before ?? '?'} to ${run.timeline.after ?? '?'}, load
${JSON.stringify(run.config.load ?? {})}</p>
</div></details>`;
}

const countsOf = (run: RunResult): Record<string, number | string> => ({
  operations: run.operations,
  acked: run.acked,
  'failed writes': run.failedWrites,
  'unknown writes': run.unknownWrites,
  lost: run.lost,
  ghosts: run.ghosts,
  'unknown, and there': run.unknownPresent,
  duplicates: run.duplicates,
  'stale reads': run.staleReads,
  'of the leader': run.staleness.leader?.stale ?? 0,
  'read your writes': run.readYourWritesViolations,
  'monotonic reads': run.monotonicViolations,
  'lost updates': run.lostUpdates,
  'not linearizable': run.linearizabilityViolations,
  'two leaders': judgedOf(run, 'dualLeaderCommits', run.dualLeaderCommits),
  'not judged for it': run.unjudgedCommits,
  'divergent rows': judgedOf(run, 'divergentRows', run.divergentRows),
  'HTTP requests': run.http.requests,
  'HTTP failed': judgedOf(run, 'httpFailed', run.http.failed),
});

const judgedOf = (run: RunResult, figure: string, value: number): number | string =>
  isJudged(run, figure) ? value : 'not judged';

function counts(of: Readonly<Record<string, number | string | null>>): Html {
  const items = Object.entries(of);
  if (items.length === 0) return html`<p class="muted">none</p>`;
  return html`<dl class="counts">
    ${items.map(
      ([name, value]) =>
        html`<div>
          <dt>${name.replace(/Ms$/, '')}</dt>
          <dd>${typeof value === 'string' ? value : ms(value)}</dd>
        </div>`,
    )}
  </dl>`;
}

function latencies({ latencyByChannelMs }: RunResult): Html {
  const row = (name: string, period: string, { count, p50, p99, max }: Latency) =>
    html`<tr>
      <th>${name}, ${period}</th>
      <td>${count}</td>
      <td>${ms(p50)}</td>
      <td>${ms(p99)}</td>
      <td>${ms(max)}</td>
    </tr>`;
  const rows = (name: string, { before, during, after }: RunResult['latencyMs']) => [
    row(name, 'before', before),
    row(name, 'during', during),
    row(name, 'after', after),
  ];
  return table(
    ['', 'succeeded', 'p50', 'p99', 'max'],
    [...rows('HTTP', latencyByChannelMs.http), ...rows('SQL', latencyByChannelMs.sql)],
  );
}

function staleness({ staleness: byConsistency }: RunResult): Html {
  const rows = Object.entries(byConsistency).map(
    ([consistency, { reads, stale, ageMs }]) =>
      html`<tr>
        <th>${consistency}</th>
        <td>${reads}</td>
        <td>${stale}</td>
        <td>${ms(ageMs.p50)}</td>
        <td>${ms(ageMs.p99)}</td>
        <td>${ms(ageMs.max)}</td>
      </tr>`,
  );
  return html`<h3>Stale reads by what was asked for, age in ms</h3>
    ${table(['', 'reads', 'stale', 'p50', 'p99', 'max'], rows)} ${staleAges(byConsistency)}`;
}

/** A table of stale reads by age, for each consistency. Ages that no read had are left out. */
function staleAges(byConsistency: RunResult['staleness']): Html {
  const columns = Object.entries(byConsistency);
  const buckets = columns.flatMap(([, { histogram }]) => histogram.filter(({ count }) => count > 0));
  if (buckets.length === 0) return html``;
  const ages = new Map(buckets.toSorted((a, b) => a.fromMs - b.fromMs).map(({ fromMs, toMs }) => [fromMs, toMs]));
  const rows = [...ages].map(
    ([fromMs, toMs]) =>
      html`<tr>
        <th>${toMs === null ? `${fromMs} or more` : `${fromMs} to ${toMs}`}</th>
        ${columns.map(
          ([, { histogram }]) => html`<td>${histogram.find((bucket) => bucket.fromMs === fromMs)?.count ?? 0}</td>`,
        )}
      </tr>`,
  );
  return html`<h3>Stale reads by age in ms</h3>
    ${table(['', ...columns.map(([consistency]) => consistency)], rows)}`;
}

function examples(run: RunResult): Html {
  if (run.examples.length === 0) return html``;
  return html`<h3>Examples of what was found</h3>
    <ul>
      ${run.examples.map(({ check, detail }) => html`<li><b>${check}</b>: ${detail}</li>`)}
    </ul>`;
}

/** Milliseconds for a table: one decimal below 100. */
function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return Number.isInteger(value) || value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

const utc = (time: string): string => `${time.slice(0, 19).replace('T', ' ')} UTC`;
