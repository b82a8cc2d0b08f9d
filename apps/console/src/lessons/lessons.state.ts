import { effect, signal } from '@preact/signals';
import {
  type Action,
  type Demonstrated,
  factsOf,
  type Lesson,
  nothingDemonstrated,
} from '../../../../libs/live/src/lessons/lesson.js';
import { noPeaks, withSnapshot } from '../../../../libs/live/src/lessons/peaks.js';
import {
  demonstrationBoundMs,
  type Demonstration,
  type Prediction,
  type RunView,
} from '../../../../libs/live/src/protocol.js';
import { breakIt } from '../break/break.state.js';
import { change, send } from '../state/api.client.js';
import { snapshot } from '../state/console.state.js';
import {
  acted,
  advanced,
  begun,
  isOver,
  observed,
  type Progress,
} from '../../../../libs/live/src/lessons/lesson.progress.js';

/** With time for the server to delete what a demonstration has written. */
const demonstrationWithinMs = demonstrationBoundMs + 10_000;

/** The lesson that is open; null while none is. */
export const progress = signal<Progress | null>(null);
/** The newest run since the lesson began. */
export const lessonRun = signal<RunView | null>(null);
/** What the demonstrations of the open lesson have counted. */
export const demonstrated = signal<Demonstrated>(nothingDemonstrated);
/** Lessons that were read to their end since the page was opened. */
export const finished = signal<readonly string[]>([]);

let peaks = noPeaks;

effect(() => {
  const now = snapshot.value;
  const before = progress.peek();
  if (now === null || before === null) return;
  peaks = withSnapshot(peaks, now);
  const facts = factsOf(now, peaks, demonstrated.peek());
  if (facts.lastRun?.id !== lessonRun.peek()?.id) lessonRun.value = facts.lastRun;
  progress.value = observed(before, facts);
});

/** Opens a lesson at its first step, with everything measured anew. */
export function open(lesson: Lesson): void {
  peaks = noPeaks;
  demonstrated.value = nothingDemonstrated;
  lessonRun.value = null;
  progress.value = begun(lesson);
}

/** Closes the lesson that is open. */
export function close(): void {
  progress.value = null;
}

/** On to the next step, or to the summary. */
export function goOn(): void {
  const now = progress.peek();
  if (now === null) return;
  const next = advanced(now);
  progress.value = next;
  if (isOver(next) && !finished.peek().includes(next.lesson.id)) finished.value = [...finished.peek(), next.lesson.id];
}

/** Does what a step asks for. */
export async function act(action: Action, index: number, prediction: Prediction | null = null): Promise<void> {
  const of = progress.peek()?.lesson;
  const accepted = await takeAction(action, prediction);
  const now = progress.peek();
  if (accepted && now !== null && now.lesson === of) progress.value = acted(now, index);
}

async function takeAction(action: Action, prediction: Prediction | null): Promise<boolean> {
  switch (action.kind) {
    case 'load':
      return change('/api/load', { ratePerSecond: action.ratePerSecond });
    case 'break':
      return breakIt(action.fault, prediction);
    case 'heal':
      return change('/api/heal', {});
    case 'demonstrate':
      return demonstrate(action.what);
  }
}

const fields: Readonly<Record<Demonstration, keyof Demonstrated>> = {
  'own-write': 'ownWrite',
  'same-key': 'sameKey',
  'album-race': 'albumRace',
};

async function demonstrate(what: Demonstration): Promise<boolean> {
  const counts = await send('/api/demonstrate', { what }, demonstrationWithinMs);
  if (counts === undefined) return false;
  demonstrated.value = { ...demonstrated.peek(), [fields[what]]: counts };
  return true;
}
