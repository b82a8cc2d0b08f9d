import type { RunView, TimelineView } from '../../../../libs/live/src/protocol.js';
import { reportOf } from '../break/run.outcome.js';
import { outcomeOf } from '../break/verdict.text.js';
import { WideTable } from '../parts/wide.table.js';
import { runs, timelines } from '../state/console.state.js';
import { day, duration, none } from '../state/formatting.js';

/** The runs of the console with their reports, and Patroni's history of timelines. */
export function RunsPanel() {
  return (
    <>
      <h2>Runs</h2>
      {runs.value?.length === 0 && <p class="muted">None yet.</p>}
      <WideTable label="Runs, newest first" testId="runs">
        <thead>
          <tr>
            <th scope="col">fault</th>
            <th scope="col">when</th>
            <th scope="col">verdict</th>
            <th scope="col">no write for</th>
            <th scope="col">lost</th>
            <th scope="col">report</th>
          </tr>
        </thead>
        <tbody>
          {(runs.value ?? []).map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </WideTable>
      <h2>Timelines</h2>
      <p class="muted">What patronictl history says: where each timeline ended, and why.</p>
      <WideTable label="Timelines, newest first">
        <thead>
          <tr>
            <th scope="col">timeline</th>
            <th scope="col">ended at LSN</th>
            <th scope="col">when</th>
            <th scope="col">next leader</th>
            <th scope="col">reason</th>
          </tr>
        </thead>
        <tbody>
          {(timelines.value ?? [])
            .toSorted((a, b) => b.timeline - a.timeline)
            .map((one) => (
              <TimelineRow key={one.timeline} timeline={one} />
            ))}
        </tbody>
      </WideTable>
    </>
  );
}

const verdicts = { pass: '✓ pass', fail: '✗ fail', skipped: '– skipped' } as const;

function RunRow({ run }: { run: RunView }) {
  const { scenario, startedAt, figures } = run;
  const outcome = outcomeOf(run);
  return (
    <tr>
      <th scope="row">{scenario}</th>
      <td>{day(startedAt)}</td>
      <td class={outcome}>{verdicts[outcome]}</td>
      <td>{duration(figures?.writeGapMs ?? null)}</td>
      <td>{figures?.lost ?? none}</td>
      <td>
        {figures === undefined ? (
          none
        ) : (
          <a
            href={reportOf(run)}
            target="_blank"
            rel="noopener"
            aria-label={`Report of ${scenario}, ${day(startedAt)}`}
          >
            report
          </a>
        )}
      </td>
    </tr>
  );
}

function TimelineRow({ timeline: { timeline, lsn, at, leader, reason } }: { timeline: TimelineView }) {
  return (
    <tr>
      <th scope="row">{timeline}</th>
      <td>{lsn}</td>
      <td>{at === null ? none : day(at)}</td>
      <td>{leader ?? none}</td>
      <td class="words">{reason}</td>
    </tr>
  );
}
