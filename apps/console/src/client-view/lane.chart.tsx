import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { lanes } from '../../../../libs/live/src/protocol.js';
import { snapshot } from '../state/console.state.js';
import { duration } from '../state/formatting.js';
import { type Figure, lastMinute, runMarks, shownSeconds } from './lane.history.js';
import { laneNames } from './lane.names.js';

const drawEveryMs = 250;
const height = 170;
const labelEverySeconds = 15;
/** Different dashes, for not everybody can tell the colours apart. */
const dashes: readonly number[][] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

/** A colour of colours.css, of the scheme that is on. */
const colour = (name: string) => (): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const laneColour = (index: number) => colour(`--lane-${index + 1}`);

/** One figure of all lanes over the last minute. */
export function LaneChart({ figure, title }: { figure: Figure; title: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => (place.current === null ? undefined : draw(place.current, figure)), [figure]);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title}, the last 60 seconds. The table has the figures of now.`} />
    </figure>
  );
}

/** Tells the lines of the charts apart: by colour, by dashes, by name. */
export function LaneKey() {
  return (
    <ul class="lane-key" aria-label="Lines of the charts">
      {lanes.map((lane, index) => (
        <li key={lane}>
          <svg viewBox="0 0 34 4" width="34" height="4" aria-hidden="true">
            <line
              class={`lane-line-${index + 1}`}
              x1="0"
              y1="2"
              x2="34"
              y2="2"
              stroke-dasharray={dashes[index]?.join(' ')}
            />
          </svg>
          {laneNames[lane]}
        </li>
      ))}
    </ul>
  );
}

/** Draws until the returned function is called, and only while somebody sees it. */
function draw(place: HTMLElement, figure: Figure): () => void {
  const chart = new uPlot({ ...options(figure), width: Math.max(1, place.clientWidth), height }, [[]], place);
  let visible = true;
  const redraw = (): void => {
    if (!visible || document.hidden) return;
    chart.setData(lastMinute(figure, nowSeconds()) as unknown as uPlot.AlignedData);
  };
  const sight = new IntersectionObserver(([entry]) => {
    visible = entry?.isIntersecting ?? true;
  });
  const size = new ResizeObserver(() => chart.setSize({ width: Math.max(1, place.clientWidth), height }));
  sight.observe(place);
  size.observe(place);
  const timer = setInterval(redraw, drawEveryMs);
  return () => {
    clearInterval(timer);
    sight.disconnect();
    size.disconnect();
    chart.destroy();
  };
}

function options(figure: Figure): Omit<uPlot.Options, 'width' | 'height'> {
  const latency = figure === 'p99Ms';
  const axis = { stroke: colour('--muted'), font: '12px system-ui, sans-serif', ticks: { show: false } };
  const grid = { stroke: colour('--line'), width: 1 };
  return {
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [nowSeconds() - shownSeconds, nowSeconds()] },
      // From 1 ms to a minute and more: an outage must not flatten everything else.
      y: latency
        ? { distr: 3, range: (_chart, _low, high) => [1, Math.max(1_000, 10 ** Math.ceil(Math.log10(high || 1)))] }
        : { range: (_chart, _low, high) => [0, Math.max(10, (high || 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        splits: () =>
          Array.from(
            { length: 1 + shownSeconds / labelEverySeconds },
            (_, index) => nowSeconds() - index * labelEverySeconds,
          ).toReversed(),
        values: (_chart, splits) => splits.map((at) => secondsAgo(Math.round(nowSeconds() - at))),
      },
      {
        ...axis,
        grid,
        size: 56,
        ...(latency && { splits: (_chart, _axis, _low, high) => powersOfTen(high) }),
        values: (_chart, splits) => splits.map((value) => (latency ? duration(value) : String(value))),
      },
    ],
    series: [
      {},
      ...lanes.map((lane, index) => ({
        label: laneNames[lane],
        stroke: laneColour(index),
        dash: dashes[index] ?? [],
        width: 2,
        points: { show: false },
      })),
    ],
    hooks: { draw: [drawMarks] },
  };
}

const nowSeconds = (): number => (snapshot.peek()?.atMs ?? 0) / 1_000;
const secondsAgo = (seconds: number): string => (seconds === 0 ? 'now' : `−${seconds} s`);
const powersOfTen = (high: number): number[] =>
  Array.from({ length: 1 + Math.round(Math.log10(high)) }, (_, power) => 10 ** power);

/** The moments of the newest run, as lines with their names. */
function drawMarks(chart: uPlot): void {
  const { ctx, bbox } = chart;
  ctx.save();
  const [ink, panel] = [colour('--fault')(), colour('--panel')()];
  ctx.fillStyle = ink;
  // uPlot leaves the dashes of its last line and the alignment of its last label.
  ctx.setLineDash([]);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  const lineHeight = 13 * devicePixelRatio;
  runMarks().forEach(({ name, atMs }, index) => {
    const x = chart.valToPos(atMs / 1_000, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.strokeStyle = ink;
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    // One below the other, for several may fall into one second.
    const room = bbox.left + bbox.width - x;
    const width = ctx.measureText(name).width;
    const left = room > width + lineHeight ? x + lineHeight / 4 : x - width - lineHeight / 4;
    const base = bbox.top + lineHeight * (1 + (index % 6));
    // Readable on top of the lines.
    ctx.strokeStyle = panel;
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.strokeText(name, left, base);
    ctx.fillText(name, left, base);
  });
  ctx.restore();
}
