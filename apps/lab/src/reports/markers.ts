import type { RunResult } from '../results/run.result.js';

/** A moment of a run, with the letter that stands for it in the picture. */
export interface Marker {
  readonly label: string;
  readonly atMs: number;
  readonly text: string;
}

const words: Readonly<Record<RunResult['events'][number]['kind'], string>> = {
  fault: 'fault',
  healed: 'healed',
  rejoined: 'all members rejoined',
  lockReleased: 'leader lock released',
  newLock: 'new holder of the leader lock',
  promoted: 'promoted',
  haproxyDown: 'HAProxy: down',
  haproxyUp: 'HAProxy: up',
  note: 'note',
};

/** A soak has hundreds of events; the picture stays readable with these. */
const maxMarkers = 26;

/** Faults and phases of a run in order, lettered. Of too many, faults come first. */
export function markersOf({ events }: Pick<RunResult, 'events'>): Marker[] {
  const chosen =
    events.length <= maxMarkers ? events : events.filter(({ kind }) => kind === 'fault').slice(0, maxMarkers);
  return chosen
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, kind, source, member, detail }, index) => ({
      label: String.fromCodePoint(65 + index),
      atMs,
      text: [words[kind], member, detail, `(${source})`].filter((part) => part !== undefined).join(' '),
    }));
}
