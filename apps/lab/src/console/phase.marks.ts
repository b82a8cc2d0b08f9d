import type { RunEvent } from '../../../../libs/chaos/src/history/run.event.js';
import type { PhaseMark } from '../../../../libs/live/src/protocol.js';

const names: Readonly<Record<RunEvent['kind'], PhaseMark['name']>> = {
  fault: 'fault',
  healed: 'healed',
  rejoined: 'rejoined',
  lockReleased: 'lock released',
  newLock: 'new lock',
  promoted: 'promoted',
  haproxyDown: 'HAProxy down',
  haproxyUp: 'HAProxy up',
};

/** The events of a run from its first fault on, as the page shows them; empty before the fault. */
export function marksOf(events: readonly RunEvent[]): PhaseMark[] {
  const faultMs = events.find(({ kind }) => kind === 'fault')?.atMs ?? Number.POSITIVE_INFINITY;
  return events
    .filter(({ atMs }) => atMs >= faultMs)
    .map(({ kind, atMs, member }) => ({
      name: names[kind],
      afterMs: atMs - faultMs,
      ...(member === undefined ? {} : { member }),
    }));
}
