import type { RunView } from '../../../../libs/live/src/protocol.js';
import { Fact } from '../parts/fact.js';
import { duration, none } from '../state/formatting.js';
import { titleOf } from './break.state.js';
import { PhaseMarks } from './phase.marks.js';
import { type Figures, type Score, scoresOf } from './prediction.score.js';
import { outcomeOf, verdictText } from './verdict.text.js';

const symbols = { pass: '✓', fail: '✗', skipped: '–' } as const;

/** Prediction, measurement and verdict of a run, side by side. */
export function RunOutcome({ run }: { run: RunView }) {
  const outcome = outcomeOf(run);
  return (
    <>
      <h3>{titleOf(run.scenario)}</h3>
      <p class={`verdict ${outcome}`} data-testid="verdict" data-verdict={outcome}>
        <strong>{symbols[outcome]}</strong> {verdictText(run)}
      </p>
      {run.figures !== undefined && <Measured run={run} figures={run.figures} />}
    </>
  );
}

function Measured({ run, figures }: { run: RunView; figures: Figures }) {
  return (
    <>
      {figures.reasons.length > 0 && (
        <ul>
          {figures.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <table class="scores">
        <caption class="hidden">Prediction and measurement</caption>
        <thead>
          <tr>
            <th scope="col">question</th>
            <th scope="col">you said</th>
            <th scope="col">measured</th>
          </tr>
        </thead>
        <tbody>
          {scoresOf(run.prediction, figures).map((score) => (
            <ScoreRow key={score.question} score={score} />
          ))}
        </tbody>
      </table>
      <h4>What happened when</h4>
      <PhaseMarks marks={figures.marks} label="Steps of the failover, after the fault" />
      <h4>What the checkers found</h4>
      <dl class="facts">
        <div>
          <dt>write gap, plain SQL</dt>
          <dd data-testid="measured-gap" data-ms={figures.gaps.sql.writeMs ?? ''}>
            {duration(figures.gaps.sql.writeMs)}
          </dd>
        </div>
        <Fact name="write gap, service" value={duration(figures.gaps.http.writeMs)} />
        <Fact name="read gap, plain SQL" value={duration(figures.gaps.sql.readMs)} />
        <Fact name="read gap, service" value={duration(figures.gaps.http.readMs)} />
        <Fact name="longest request" value={duration(figures.longestRequestMs)} />
        <Fact name="requests failed" value={`${figures.httpFailed} of ${figures.httpRequests}`} />
        <Fact name="acknowledged writes lost" value={`${figures.lost} of ${figures.acked}`} />
        <Fact name="ghosts" value={String(figures.ghosts)} />
        <Fact name="duplicates" value={String(figures.duplicates)} />
        <Fact name="stale reads (allowed)" value={String(figures.staleReads)} />
        <Fact name="own write not read" value={String(figures.readYourWritesViolations)} />
        <Fact name="went back in time" value={String(figures.monotonicViolations)} />
        <Fact name="leader" value={`${figures.leaderBefore ?? none} → ${figures.leader ?? none}`} />
        <Fact name="timeline" value={`${figures.timelineBefore ?? none} → ${figures.timelineAfter ?? none}`} />
        <Fact name="whole again after" value={duration(figures.rejoinMs)} />
      </dl>
      <p>
        <a href={reportOf(run)} target="_blank" rel="noopener" data-testid="report-link">
          Report of the run
        </a>{' '}
        (opens a new tab)
      </p>
    </>
  );
}

function ScoreRow({ score: { question, predicted, measured, right } }: { score: Score }) {
  return (
    <tr>
      <th scope="row">{question}</th>
      <td>
        {predicted} {right !== null && <span class={right ? 'pass' : 'fail'}>{right ? '✓ right' : '✗ wrong'}</span>}
      </td>
      <td>{measured}</td>
    </tr>
  );
}

/** Where the server has the report of a run. */
export const reportOf = ({ id }: RunView): string => `/runs/${encodeURIComponent(id)}/report.html`;
