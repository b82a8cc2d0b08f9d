import { effect } from '@preact/signals';
import { lanes, type LaneView } from '../../../../libs/live/src/protocol.js';
import { snapshot } from '../state/console.state.js';
import { SampleRing } from '../state/sample.ring.js';
import { type ChartMark, nextMarks } from './chart.marks.js';

/** How far back the charts look. */
export const shownSeconds = 60;
const samplesPerSecond = 10;

/** What a chart shows of a lane. */
export type Figure = 'perSecond' | 'p99Ms';
const figures: readonly Figure[] = ['perSecond', 'p99Ms'];

const samples = new SampleRing(shownSeconds * samplesPerSecond, 1 + figures.length * lanes.length);
let marks: readonly ChartMark[] = [];

effect(() => {
  const now = snapshot.value;
  if (now === null) return;
  const valueOf = (lane: LaneView | undefined, figure: Figure): number | null => lane?.[figure] ?? null;
  samples.push([
    now.atMs / 1_000,
    ...figures.flatMap((figure) => lanes.map((lane) => valueOf(now.client?.lanes[lane], figure))),
  ]);
  marks = nextMarks(marks, now.activity, now.atMs);
});

/** The last minute of one figure: times in seconds, then a series for each lane. */
export function lastMinute(figure: Figure, nowSeconds: number): (number | null)[][] {
  const first = 1 + figures.indexOf(figure) * lanes.length;
  return samples.read([0, ...lanes.map((_lane, index) => first + index)], nowSeconds - shownSeconds);
}

/** The marks of the newest run. */
export const runMarks = (): readonly ChartMark[] => marks;
