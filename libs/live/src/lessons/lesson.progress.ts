import type { Facts, Lesson, Step } from './lesson.js';

/** One step: whether it is done, and what its check said last. */
export interface StepProgress {
  readonly done: boolean;
  readonly holds: boolean | undefined;
}

/** Where a reader is in a lesson. */
export interface Progress {
  readonly lesson: Lesson;
  /** The step that is read now, from 0. As many as there are steps: the lesson is over. */
  readonly at: number;
  readonly steps: readonly StepProgress[];
}

/** At the first step. */
export const begun = (lesson: Lesson): Progress => ({
  lesson,
  at: 0,
  steps: lesson.steps.map(() => ({ done: false, holds: undefined })),
});

/** Whether the last step is behind the reader. */
export const isOver = ({ lesson, at }: Progress): boolean => at >= lesson.steps.length;

/** Looks at the checks of all steps that were reached. One that has held has held. The same object while nothing changes. */
export function observed(progress: Progress, facts: Facts): Progress {
  const steps = progress.steps.map((step, index) => {
    const check = progress.lesson.steps[index]?.check;
    if (check === undefined || step.done || index > progress.at) return step;
    const holds = check.holds(facts);
    return holds === step.holds ? step : { done: holds === true, holds };
  });
  return steps.every((step, index) => step === progress.steps[index]) ? progress : { ...progress, steps };
}

/** The action of a step was taken: without a check the step is done. */
export function acted(progress: Progress, index: number): Progress {
  return progress.lesson.steps[index]?.check === undefined ? withDone(progress, index) : progress;
}

/** On to the next step. A step that only is to be read is done by that; one that was skipped stays open. */
export function advanced(progress: Progress): Progress {
  const step = progress.lesson.steps[progress.at];
  if (step === undefined) return progress;
  const read = isOnlyRead(step) ? withDone(progress, progress.at) : progress;
  return { ...read, at: read.at + 1 };
}

/** Whether there is nothing to do in a step, and nothing to wait for. */
export const isOnlyRead = ({ does, check }: Step): boolean => does === undefined && check === undefined;

function withDone(progress: Progress, index: number): Progress {
  const steps = progress.steps.map((step, at) => (at === index ? { ...step, done: true } : step));
  return { ...progress, steps };
}
