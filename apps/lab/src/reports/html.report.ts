import { isSkipped, type Latency, type RunFile, type RunResult } from '../results/run.result.js';
import { type ScenarioSummary, type Spread, summarize } from '../results/scenario.summary.js';
import { html, type Html } from './html.js';
import { markersOf } from './markers.js';
import { styles } from './page.styles.js';
import { layouts, timelineChart } from './timeline.chart.js';

/** One page about all runs of a directory; it loads nothing, so it can be mailed or kept. */
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
        ${headline(files, runs)}
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
        ${runs.map((run) => section(run, runs.length === 1 || !run.verdict.pass))}
      </body>
    </html> `.text;
}

function headline(files: readonly RunFile[], runs: readonly RunResult[]): Html {
  const failed = runs.filter(({ verdict }) => !verdict.pass).length;
  const times = files.map(({ startedAt }) => startedAt).toSorted();
  const when = times.length === 0 ? '' : `First run ${utc(times[0]!)}, last ${utc(times.at(-1)!)}.`;
  return html`<p>
    <span class="${failed === 0 ? 'pass' : 'fail'}">${runs.length - failed} of ${runs.length} runs passed</span>,
    ${files.length - runs.length} skipped. <span class="muted">${when}</span>
  </p>`;
}

function verdicts(summaries: readonly ScenarioSummary[]): Html {
  const zero = (count: number) => html`<td class="${count > 0 ? 'warn' : ''}">${count}</td>`;
  const row = ({ scenario, runs, passed, flaky, skipped, spread, total }: ScenarioSummary) =>
    html`<tr>
      <th>${scenario}</th>
      <td>${verdictWord(runs, passed, flaky, skipped.length > 0)}</td>
      <td>${passed}/${runs}</td>
      <td>${ms(spread.writeGapMs?.median)}</td>
      <td>${ms(spread.writeGapMs?.p95)}</td>
      <td>${ms(spread.readGapMs?.p95)}</td>
      <td>${total.acked}</td>
      ${zero(total.lost)}${zero(total.ghosts)}${zero(total.duplicates)}
      ${zero(total.readYourWritesViolations + total.monotonicViolations)}${zero(total.lostUpdates)}
      ${zero(total.linearizabilityViolations)}${zero(total.dualLeaderCommits)}${zero(total.divergentRows)}
      <td>${total.staleReads}</td>
      <td>${total.httpFailed} of ${total.httpRequests}</td>
    </tr>`;
  return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>scenario</th>
            <th>verdict</th>
            <th>passed</th>
            <th>write gap<br />median</th>
            <th>write gap<br />p95</th>
            <th>read gap<br />p95</th>
            <th>acked</th>
            <th>lost</th>
            <th>ghosts</th>
            <th>dupli-<br />cates</th>
            <th>session<br />violations</th>
            <th>lost<br />updates</th>
            <th>not linear-<br />izable</th>
            <th>two<br />leaders</th>
            <th>diver-<br />gent</th>
            <th>stale<br />reads</th>
            <th>HTTP<br />failed</th>
          </tr>
        </thead>
        <tbody>
          ${summaries.map(row)}
        </tbody>
      </table>
    </div>
    <p class="muted">A mutation, a scenario with a protection switched off, passes when its damage is found.</p>`;
}

function verdictWord(runs: number, passed: number, flaky: boolean, skipped: boolean): Html {
  if (runs === 0) return html`<span class="warn">${skipped ? 'skipped' : 'not run'}</span>`;
  if (passed === runs) return html`<span class="pass">pass</span>`;
  return flaky ? html`<span class="fail">fail (flaky)</span>` : html`<span class="fail">fail</span>`;
}

/** What did not go as hoped, said in words. */
function disclosures(summaries: readonly ScenarioSummary[]): Html {
  const items = summaries.flatMap(({ scenario, failures, skipped }) => [
    ...failures.map(({ run, reasons }) => html`<li><b>${scenario}</b>, run ${run}: ${reasons.join('; ')}</li>`),
    ...skipped.map((reason) => html`<li><b>${scenario}</b>, skipped: ${reason}</li>`),
  ]);
  return items.length === 0
    ? html``
    : html`<h3>Failed and skipped</h3>
        <ul>
          ${items}
        </ul>`;
}

const spreadNames: Readonly<Record<keyof ScenarioSummary['spread'], string>> = {
  writeGapMs: 'write gap',
  readGapMs: 'read gap',
  sqlWriteGapMs: 'write gap, SQL',
  sqlReadGapMs: 'read gap, SQL',
  httpWriteGapMs: 'write gap, HTTP',
  httpReadGapMs: 'read gap, HTTP',
  rejoinMs: 'rejoin',
};

function figures(summaries: readonly ScenarioSummary[]): Html {
  const names = Object.entries(spreadNames) as [keyof ScenarioSummary['spread'], string][];
  const cells = (spread: Spread | null) =>
    spread === null
      ? html`<td>–</td>`
      : html`<td>${ms(spread.min)} / <b>${ms(spread.median)}</b> / ${ms(spread.p95)} / ${ms(spread.max)}</td>`;
  const row = ({ scenario, runs, spread }: ScenarioSummary) =>
    html`<tr>
      <th>${scenario}</th>
      <td>${runs}</td>
      ${names.slice(2).map(([name]) => cells(spread[name]))}
    </tr>`;
  return table(['scenario', 'runs', ...names.slice(2).map(([, name]) => name)], summaries.map(row));
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

function section(run: RunResult, open: boolean): Html {
  const { scenario, verdict, writeGapMs } = run;
  const word = verdict.pass ? html`<span class="pass">pass</span>` : html`<span class="fail">fail</span>`;
  return html`<details${open ? html` open` : ''}>
<summary>${scenario}, run ${run.run}: ${word} <span class="muted">write gap ${ms(writeGapMs)} ms, ${run.acked} writes
acknowledged, ${utc(run.startedAt)}</span></summary><div>
${
  verdict.reasons.length > 0 &&
  html`<ul>
    ${verdict.reasons.map((reason) => html`<li class="fail">${reason}</li>`)}
  </ul>`
}
<div class="chart wide">${timelineChart(run, layouts.wide)}</div>
<div class="chart narrow">${timelineChart(run, layouts.narrow)}</div>
<ul class="markers">${markersOf(run).map(({ label, atMs, text }) => html`<li><b>${label}</b> ${seconds(atMs)} s ${text}</li>`)}</ul>
<h3>Counts</h3>${counts(countsOf(run))}
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

const countsOf = (run: RunResult): Record<string, number> => ({
  operations: run.operations,
  acked: run.acked,
  'failed writes': run.failedWrites,
  'unknown writes': run.unknownWrites,
  'unknown, present': run.unknownPresent,
  lost: run.lost,
  ghosts: run.ghosts,
  duplicates: run.duplicates,
  'stale reads': run.staleReads,
  'of the leader': run.staleness.leader?.stale ?? 0,
  'read your writes': run.readYourWritesViolations,
  'monotonic reads': run.monotonicViolations,
  'lost updates': run.lostUpdates,
  'not linearizable': run.linearizabilityViolations,
  'two leaders': run.dualLeaderCommits,
  'not judged for it': run.unjudgedCommits,
  'divergent rows': run.divergentRows,
  'HTTP requests': run.http.requests,
  'HTTP failed': run.http.failed,
});

function counts(of: Readonly<Record<string, number | null>>): Html {
  const items = Object.entries(of);
  if (items.length === 0) return html`<p class="muted">none</p>`;
  return html`<dl class="counts">
    ${items.map(
      ([name, value]) =>
        html`<div>
          <dt>${name.replace(/Ms$/, '')}</dt>
          <dd>${ms(value)}</dd>
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
    ${table(['', 'reads', 'stale', 'p50', 'p99', 'max'], rows)}`;
}

function examples(run: RunResult): Html {
  if (run.examples.length === 0) return html``;
  return html`<h3>Examples of what was found</h3>
    <ul>
      ${run.examples.map(({ check, detail }) => html`<li><b>${check}</b>: ${detail}</li>`)}
    </ul>`;
}

/** A number for a table: no more digits than it is good for. */
function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return Number.isInteger(value) || value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

const utc = (time: string): string => `${time.slice(0, 19).replace('T', ' ')} UTC`;
const seconds = (valueMs: number): string => (valueMs / 1_000).toFixed(2);
