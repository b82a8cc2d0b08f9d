import type { Activity } from '../../../../libs/live/src/protocol.js';

/** A moment that a chart marks, on the server's clock. */
export interface ChartMark {
  readonly name: string;
  readonly atMs: number;
}

/** The marks of the run that goes on, at their times of day; those that were known before while there is no run. */
export function nextMarks(known: readonly ChartMark[], activity: Activity, nowMs: number): readonly ChartMark[] {
  if (activity.kind !== 'run') return known;
  const { sinceFaultMs, marks } = activity;
  if (sinceFaultMs === null) return [];
  return marks.map(({ name, afterMs }) => ({ name, atMs: nowMs - sinceFaultMs + afterMs }));
}
