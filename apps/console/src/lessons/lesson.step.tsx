import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Action, Check, Step } from '../../../../libs/live/src/lessons/lesson.js';
import { PredictionForm } from '../break/prediction.form.js';
import { mayChange } from '../state/api.client.js';
import { useView } from '../state/console.state.js';
import { DemonstrationCounts } from './demonstration.counts.js';
import { isOnlyRead, type StepProgress } from '../../../../libs/live/src/lessons/lesson.progress.js';
import { act, demonstrated, goOn } from './lessons.state.js';

/** A step: its text, what can be done, and whether its check holds. */
export function LessonStep({
  step,
  index,
  state,
  current,
}: {
  step: Step;
  index: number;
  state: StepProgress;
  current: boolean;
}) {
  const text = useRef<HTMLParagraphElement>(null);
  // The button that led here belongs to the step before.
  useLayoutEffect(() => {
    if (current && index > 0) text.current?.focus();
  }, [current, index]);
  const { does, check } = step;
  return (
    <li
      data-testid={`lesson-step-${index + 1}`}
      data-state={state.done ? 'done' : 'open'}
      aria-current={current ? 'step' : undefined}
    >
      <p ref={text} tabIndex={-1}>
        {step.text}
      </p>
      {does !== undefined && current && !state.done && <StepAction step={step} does={does} index={index} />}
      {does?.kind === 'demonstrate' && <DemonstrationCounts what={does.what} counted={demonstrated} />}
      {check !== undefined && <CheckLine check={check} holds={state.done || state.holds} />}
      {check === undefined && state.done && does !== undefined && <p class="pass">✓ Done.</p>}
      {current && (
        <p class="row">
          <button type="button" data-testid="lesson-next" disabled={!state.done && !isOnlyRead(step)} onClick={goOn}>
            Next
          </button>
          {!state.done && !isOnlyRead(step) && (
            <button type="button" class="quiet" data-testid="lesson-skip" onClick={goOn}>
              Skip this step
            </button>
          )}
        </p>
      )}
    </li>
  );
}

/** A check in words, with a sign for what is known. */
export function CheckLine({ check: { says }, holds }: { check: Check; holds: boolean | undefined }) {
  if (holds === undefined) return <p class="muted">… not known yet: {says}</p>;
  return holds ? <p class="pass">✓ {says}</p> : <p class="fail">✗ does not hold: {says}</p>;
}

function StepAction({ step, does, index }: { step: Step; does: Action; index: number }) {
  const activity = useView((snapshot) => snapshot.activity.kind, 'idle');
  const busy = useSignal(false);
  if (does.kind === 'break' && (activity.value === 'run' || activity.value === 'elsewhere'))
    return <p class="muted">Something is broken already. This step can be taken when that is over.</p>;
  if (does.kind === 'break' && step.prediction === true)
    return <PredictionForm fault={does.fault} onBreak={(prediction) => act(does, index, prediction)} />;
  return (
    <p>
      <button
        type="button"
        class={does.kind === 'break' ? 'danger' : ''}
        data-testid="lesson-act"
        disabled={busy.value || !mayChange.value}
        onClick={() => {
          busy.value = true;
          void act(does, index).finally(() => {
            busy.value = false;
          });
        }}
      >
        {busy.value ? 'One moment…' : labelOf(does)}
      </button>
    </p>
  );
}

function labelOf(does: Action): string {
  switch (does.kind) {
    case 'load':
      return does.ratePerSecond === 0 ? 'Stop the load' : `Start the load: ${does.ratePerSecond} per second`;
    case 'break':
      return `Break it: ${does.fault}`;
    case 'heal':
      return 'Heal it';
    case 'demonstrate':
      return 'Try it';
  }
}
