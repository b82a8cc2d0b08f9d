import type { RunResult } from '../results/run.result.js';

/** An event of a run, with its letter in the picture; A2 comes after Z. */
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
};

const letters = 26;

/** The events of a run in order, with letters. If there are more events than letters, as in a soak, only the faults. */
export function markersOf({ events }: Pick<RunResult, 'events'>): Marker[] {
  const chosen = events.length <= letters ? events : events.filter(({ kind }) => kind === 'fault');
  return chosen
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, kind, source, member, detail }, index) => ({
      label: labelOf(index),
      atMs,
      text: [words[kind], member, detail, `(${source})`].filter((part) => part !== undefined).join(' '),
    }));
}

function labelOf(index: number): string {
  const letter = String.fromCodePoint(65 + (index % letters));
  return index < letters ? letter : `${letter}${Math.floor(index / letters) + 1}`;
}
