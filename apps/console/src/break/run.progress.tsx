import { type Activity, phases, type Prediction } from '../../../../libs/live/src/protocol.js';
import { useText, useView } from '../state/console.state.js';
import { duration, seconds } from '../state/formatting.js';
import { titleOf } from './break.state.js';
import { PhaseMarks } from './phase.marks.js';

type Run = Extract<Activity, { kind: 'run' }>;

/** The run that goes on: where it is, what is done, and what was seen so far. */
export function RunProgress() {
  const view = <T,>(pick: (run: Run) => T, otherwise: T) =>
    useView(({ activity }) => (activity.kind === 'run' ? pick(activity) : otherwise), otherwise);
  const fault = view((run) => run.fault, '');
  const phase = view((run) => run.phase, phases[0]);
  const doing = view((run) => run.doing, '');
  const marks = view((run) => run.marks, []);
  const prediction = view<Prediction | null>((run) => run.prediction, null);
  const early = view((run) => run.healedEarly, false);
  const since = useText(({ activity }) =>
    activity.kind === 'run' && activity.sinceFaultMs !== null
      ? `${seconds(activity.sinceFaultMs)} since the fault`
      : 'The fault is still to come.',
  );
  const at = phases.indexOf(phase.value);
  return (
    <>
      <h3>{titleOf(fault.value)}</h3>
      <ol class="phases" aria-label="Phases of the run">
        {phases.map((name, index) => (
          <li
            key={name}
            class={index < at ? 'past' : index === at ? 'now' : ''}
            aria-current={index === at ? 'step' : undefined}
          >
            {index < at ? '✓' : index === at ? '▶' : '·'} {name}
          </li>
        ))}
      </ol>
      <p>{doing.value}</p>
      <p class="muted">{since}</p>
      {early.value && <p>Healing was asked for. The run goes on to its verdict.</p>}
      <PhaseMarks marks={marks.value} label="Seen so far, after the fault" />
      {prediction.value !== null && (
        <p>
          You said: {prediction.value.leader} leads next, no write for {duration(prediction.value.writeGapMs)},{' '}
          {prediction.value.loss ? 'something' : 'nothing'} acknowledged is lost.
        </p>
      )}
    </>
  );
}
