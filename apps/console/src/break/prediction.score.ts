import type { Prediction, RunView } from '../../../../libs/live/src/protocol.js';
import { duration, none } from '../state/formatting.js';

/** What a run has measured; absent of a run that this machine could not do. */
export type Figures = NonNullable<RunView['figures']>;

/** One question, what was predicted, and what was measured. */
export interface Score {
  readonly question: string;
  readonly predicted: string;
  readonly measured: string;
  /** Null where nothing was predicted, or nothing measured. */
  readonly right: boolean | null;
}

/** A predicted gap is right within this much, or within {@link nearShare} of what was measured. */
const nearMs = 2_000;
const nearShare = 0.25;

/** Nobody: as in `Prediction.leader`. */
export const nobody = 'nobody';

/**
 * Who led next: the member that took the lock first after the fault. `nobody` if the lock was free and nobody took it before the fault
 * was healed; the leader of before if the lock never moved. Null where that is not known.
 */
export function nextLeader({
  marks,
  leaderBefore,
  leader,
}: Pick<Figures, 'marks' | 'leaderBefore' | 'leader'>): string | null {
  const first = (...names: readonly string[]) =>
    marks.filter(({ name }) => names.includes(name)).toSorted((a, b) => a.afterMs - b.afterMs)[0];
  const [taken, released, healed] = [first('new lock', 'promoted'), first('lock released'), first('healed')];
  const healedMs = healed?.afterMs ?? Number.POSITIVE_INFINITY;
  if (released !== undefined && released.afterMs < healedMs && (taken?.afterMs ?? Number.POSITIVE_INFINITY) > healedMs)
    return nobody;
  return taken?.member ?? (taken === undefined && released === undefined ? leaderBefore : leader);
}

/** The three questions with their answers. */
export function scoresOf(prediction: Prediction | null, figures: Figures): readonly Score[] {
  const leader = nextLeader(figures);
  const gapMs = figures.writeGapMs;
  const loses = figures.lost > 0;
  const judge = (right: (predicted: Prediction) => boolean | null): boolean | null =>
    prediction === null ? null : right(prediction);
  return [
    {
      question: 'Who leads next?',
      predicted: prediction?.leader ?? none,
      measured: leader ?? none,
      right: judge((predicted) => (leader === null ? null : predicted.leader === leader)),
    },
    {
      question: 'How long does no write succeed?',
      predicted: duration(prediction?.writeGapMs ?? null),
      measured: duration(gapMs),
      right: judge(({ writeGapMs }) => (gapMs === null ? null : isNear(writeGapMs, gapMs))),
    },
    {
      question: 'Is anything acknowledged lost?',
      predicted: prediction === null ? none : yesNo(prediction.loss),
      measured: loses ? `yes, ${figures.lost} of ${figures.acked}` : `no, 0 of ${figures.acked}`,
      right: judge(({ loss }) => loss === loses),
    },
  ];
}

const yesNo = (yes: boolean): string => (yes ? 'yes' : 'no');

const isNear = (predictedMs: number, measuredMs: number): boolean =>
  Math.abs(predictedMs - measuredMs) <= Math.max(nearMs, measuredMs * nearShare);
