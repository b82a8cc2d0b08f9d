import type { Activity } from '../../../libs/live/src/protocol.js';

/** What the console does now, in a few words. */
export function activityText(activity: Activity): string {
  switch (activity.kind) {
    case 'idle':
      return 'No load, nothing broken.';
    case 'elsewhere':
      return activity.why;
    case 'load':
      return `Load of ${activity.ratePerSecond} operations per second, nothing broken.`;
    case 'run':
      return `${activity.fault}: ${activity.doing}`;
  }
}

/** Whether healing can be asked for: a run has not come to it yet, or another program has left something broken. */
export const canHeal = (activity: Activity): boolean =>
  activity.kind === 'elsewhere' ||
  (activity.kind === 'run' && !activity.healedEarly && ['preparing', 'baseline', 'broken'].includes(activity.phase));
