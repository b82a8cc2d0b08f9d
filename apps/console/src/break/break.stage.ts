import type { Activity } from '../../../../libs/live/src/protocol.js';

/**
 * What "Break it" shows. `choose`: the list of faults. `predict`: the questions before the click. `on`: the run. `after`: prediction,
 * measurement and verdict. `elsewhere`: another program breaks the lab.
 */
export type BreakStage = 'choose' | 'predict' | 'on' | 'after' | 'elsewhere';

/** What it depends on. */
export interface BreakSituation {
  readonly activity: Activity['kind'];
  /** The fault that was picked from the list. */
  readonly chosen: string | null;
  readonly lastRun: string | null;
  /** The run that was over when the page was opened, or whose outcome was put aside. */
  readonly seenRun: string | null;
}

/** A run that goes on comes first, whoever began it; then what the reader does. */
export function breakStage({ activity, chosen, lastRun, seenRun }: BreakSituation): BreakStage {
  if (activity === 'run') return 'on';
  if (activity === 'elsewhere') return 'elsewhere';
  if (chosen !== null) return 'predict';
  return lastRun !== null && lastRun !== seenRun ? 'after' : 'choose';
}

/** By stage, the stages that a button of it leads to. A run that somebody else began, and a verdict, come by themselves. */
const byButton: Readonly<Record<BreakStage, readonly BreakStage[]>> = {
  choose: ['predict'],
  predict: ['on', 'choose'],
  on: [],
  after: ['choose'],
  elsewhere: [],
};

/** Whether a button of the stage before leads to this one, so that it is gone with its part of the page. */
export const isReachedByButton = (before: BreakStage, now: BreakStage): boolean => byButton[before].includes(now);
