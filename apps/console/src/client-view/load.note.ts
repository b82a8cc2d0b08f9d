import type { Activity } from '../../../../libs/live/src/protocol.js';

/** Where the load of a run comes from, and why there is none for a moment; empty while no run goes on. */
export function loadNote(activity: Activity): string {
  if (activity.kind !== 'run') return '';
  switch (activity.phase) {
    case 'preparing':
      return 'The run brings its own load.';
    case 'checking':
      return 'No load while the checkers read what every member has.';
    default:
      return 'The run has its own load.';
  }
}
