import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Lesson } from '../../../../libs/live/src/lessons/lesson.js';
import { lessons } from '../../../../libs/live/src/lessons/lessons.js';
import { RunOutcome } from '../break/run.outcome.js';
import { RunProgress } from '../break/run.progress.js';
import { useView } from '../state/console.state.js';
import { isOver, type Progress } from '../../../../libs/live/src/lessons/lesson.progress.js';
import { CheckLine, LessonStep } from './lesson.step.js';
import { close, finished, lessonRun, open, progress } from './lessons.state.js';

/** All lessons; one at a time is open. */
export function LessonsPanel() {
  return (
    <>
      <h2>Lessons</h2>
      <p class="muted">Each stands for itself. The lab's own measurements say whether it showed what it should.</p>
      <ol class="lessons">
        {lessons.map((lesson) => (
          <LessonItem key={lesson.id} lesson={lesson} />
        ))}
      </ol>
    </>
  );
}

function LessonItem({ lesson }: { lesson: Lesson }) {
  const { id, title, minutes, about } = lesson;
  const now = progress.value;
  const isOpen = now?.lesson.id === id;
  return (
    <li class="card">
      <h3>
        <button
          type="button"
          class="lesson-title"
          data-testid={`lesson-${id}`}
          aria-expanded={isOpen}
          onClick={() => (isOpen ? close() : open(lesson))}
        >
          {title}
        </button>
      </h3>
      <p class="muted">
        {minutes} minutes{finished.value.includes(id) && ' · ✓ read to its end'}
      </p>
      <p>{about}</p>
      {isOpen && <Steps now={now} />}
    </li>
  );
}

function Steps({ now }: { now: Progress }) {
  return (
    <>
      <ol class="steps">
        {now.lesson.steps.slice(0, now.at + 1).map((step, index) => (
          <LessonStep
            key={index}
            step={step}
            index={index}
            state={now.steps[index] ?? { done: false, holds: undefined }}
            current={index === now.at}
          />
        ))}
      </ol>
      {isOver(now) ? <Summary now={now} /> : <LessonRun />}
    </>
  );
}

/** The run of the lesson: while it goes on, and what came of it. */
function LessonRun() {
  const running = useView(({ activity }) => activity.kind === 'run', false);
  const run = lessonRun.value;
  if (running.value)
    return (
      <section class="lesson-run" aria-label="The run of this lesson">
        <RunProgress />
      </section>
    );
  return (
    run !== null && (
      <section class="lesson-run" aria-label="The run of this lesson">
        <RunOutcome run={run} />
      </section>
    )
  );
}

function Summary({ now }: { now: Progress }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  const checked = now.lesson.steps.flatMap(({ check }, index) =>
    check === undefined ? [] : [{ check, state: now.steps[index] }],
  );
  const held = checked.filter(({ state }) => state?.done === true).length;
  return (
    <section class="lesson-done" data-testid="lesson-done" aria-label="Summary of the lesson">
      <h4 ref={heading} tabIndex={-1}>
        The end: {held} of {checked.length} checks held
      </h4>
      {checked.map(({ check, state }) => (
        <CheckLine key={check.says} check={check} holds={state?.done === true || state?.holds} />
      ))}
      <button type="button" onClick={close}>
        Close the lesson
      </button>
    </section>
  );
}
