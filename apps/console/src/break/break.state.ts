import { computed, effect, signal } from '@preact/signals';
import type { Prediction } from '../../../../libs/live/src/protocol.js';
import { change } from '../state/api.client.js';
import { faults, lastRun, snapshot } from '../state/console.state.js';
import { breakStage } from './break.stage.js';

/** The fault that was picked from the list. */
export const chosen = signal<string | null>(null);
const seenRun = signal<string | null>(null);

const activityKind = computed(() => snapshot.value?.activity.kind ?? 'idle');

/** What "Break it" shows now. */
export const stage = computed(() =>
  breakStage({
    activity: activityKind.value,
    chosen: chosen.value,
    lastRun: lastRun.value?.id ?? null,
    seenRun: seenRun.value,
  }),
);

// What was over before the page was opened is history, not news.
const stopWaiting = effect(() => {
  const first = snapshot.value;
  if (first === null) return;
  seenRun.value = first.lastRun?.id ?? null;
  queueMicrotask(() => stopWaiting());
});

/** Puts the outcome of the newest run aside. */
export function putAside(): void {
  seenRun.value = lastRun.peek()?.id ?? null;
}

/** Asks the server to break the lab. */
export async function breakIt(fault: string, prediction: Prediction | null): Promise<boolean> {
  const accepted = await change('/api/break', { fault, prediction });
  if (accepted) chosen.value = null;
  return accepted;
}

/** The title of a fault, or its name while the list is not there. */
export const titleOf = (name: string): string => faults.value?.find((fault) => fault.name === name)?.title ?? name;
