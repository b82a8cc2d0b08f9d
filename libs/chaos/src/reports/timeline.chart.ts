import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import { CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { RunResult } from '../results/run.result.js';
import { Html } from './html.js';
import { type Marker, markersOf } from './markers.js';
import { timeAxis, type TimeAxis } from './time.axis.js';

use([CustomChart, LineChart, GridComponent, MarkLineComponent, SVGRenderer]);

/** The colours are variables of the page, so that one picture serves light and dark. */
const colour = {
  text: 'var(--muted)',
  line: 'var(--line)',
  http: 'var(--http)',
  sql: 'var(--sql)',
  bad: 'var(--bad)',
  leader: 'var(--leader)',
  replica: 'var(--replica)',
  fault: 'var(--fault)',
  onBand: 'var(--on-band)',
};

const fontFamily = 'system-ui, sans-serif';
/** The most points of a curve: about one for two pixels of the wide picture. */
const maxPoints = 400;

const throughputPx = 110;
const latencyPx = 110;
const errorsPx = 60;
/** Height of the row of one member. */
const bandPx = 22;
/** Space above the first panel, for its title and the letters of the markers. */
const abovePx = 40;
/** Space between two panels, for the title of the lower one. */
const betweenPx = 46;
/** Space below the last panel, for the labels of its axis. */
const belowPx = 34;
/** Space to the right of the panels, for half a label of the axis. */
const rightPx = 26;
const curvePx = 1.6;
/** Width of curves in a long run, where there is little room from one outage to the next. */
const thinCurvePx = 1;
const titleLeftPx = 8;
const titleGapPx = 10;
const markerGapPx = 3;
/** Width of a letter as a part of the font's size. Capitals and digits are about as wide. */
const letterWidth = 0.7;
/** A line without a letter is fainter, so that the hundred lines of a soak don't hide the curves. */
const unlabelledOpacity = 0.35;

interface Layout {
  readonly widthPx: number;
  readonly fontPx: number;
  readonly leftPx: number;
}

/** The two pictures: one for a desktop, and one for a phone, where the wide one would be too small to read. */
export const layouts = {
  wide: { widthPx: 1_040, fontPx: 12, leftPx: 78 },
  narrow: { widthPx: 380, fontPx: 11, leftPx: 62 },
} as const satisfies Record<string, Layout>;

/** What a picture shows and where, computed once for all its parts. */
interface Picture {
  readonly layout: Layout;
  readonly axis: TimeAxis;
  readonly points: readonly Point[];
  /** How many seconds a point stands for. */
  readonly everySeconds: number;
  readonly members: readonly string[];
  readonly bands: readonly Band[];
  readonly markers: readonly Mark[];
  /** From top to bottom: throughput, latency, errors, members. */
  readonly panels: readonly { readonly topPx: number; readonly heightPx: number }[];
  readonly heightPx: number;
}

/** Draws a run: throughput, latency, errors and members, with the faults and phases across all of them. */
export function timelineChart(run: RunResult, layout: Layout): Html {
  const picture = pictureOf(run, layout);
  const { widthPx: width } = layout;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height: picture.heightPx });
  chart.setOption({
    animation: false,
    grid: gridsOf(picture),
    xAxis: timeAxesOf(picture),
    yAxis: valueAxesOf(picture),
    series: [...curvesOf(picture), memberBandsOf(picture)],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // echarts escapes the text in its SVG; directory.report.spec.ts checks that.
  return new Html(svg);
}

function pictureOf(run: RunResult, layout: Layout): Picture {
  const axis = timeAxis(run);
  const bands = bandsOf(run);
  const members = [...new Set(bands.map(({ member }) => member))].toSorted();
  const heights = [throughputPx, latencyPx, errorsPx, Math.max(1, members.length) * bandPx];
  const panels = heights.map((heightPx, index) => ({
    heightPx,
    topPx: abovePx + heights.slice(0, index).reduce((sum, height) => sum + height + betweenPx, 0),
  }));
  const last = panels.at(-1)!;
  const widthOfPanelsPx = layout.widthPx - layout.leftPx - rightPx;
  const markers = spaced(
    markersOf(run).filter(({ atMs }) => atMs >= 0 && atMs / 1_000 <= axis.endSeconds),
    (axis.endSeconds * 1_000 * letterWidth * layout.fontPx) / widthOfPanelsPx,
  );
  const heightPx = last.topPx + last.heightPx + belowPx;
  return { layout, axis, ...resample(run.samples), members, bands, markers, panels, heightPx };
}

const gridsOf = ({ panels, layout }: Picture) =>
  panels.map(({ topPx, heightPx }) => ({
    top: topPx,
    height: heightPx,
    left: layout.leftPx,
    right: rightPx,
    outerBoundsMode: 'none' as const,
  }));

const axisLabelOf = ({ fontPx }: Layout) => ({ color: colour.text, fontSize: fontPx, fontFamily });

/** The same axis below each panel; only the last one is labelled. */
function timeAxesOf({ panels, layout, axis: { endSeconds, stepSeconds, written } }: Picture) {
  return panels.map((_, index) => ({
    type: 'value' as const,
    gridIndex: index,
    min: 0,
    max: endSeconds,
    interval: stepSeconds,
    axisLabel: {
      ...axisLabelOf(layout),
      // The end of the axis always has a tick.
      formatter: (seconds: number) => (seconds % stepSeconds === 0 ? written(seconds) : ''),
      hideOverlap: true,
      show: index === panels.length - 1,
    },
    axisLine: { lineStyle: { color: colour.line } },
    splitLine: { show: false },
  }));
}

function valueAxesOf({ layout, everySeconds, members }: Picture) {
  const { fontPx, leftPx } = layout;
  const axisLabel = axisLabelOf(layout);
  const title = (text: string) => ({
    name: text,
    nameLocation: 'end' as const,
    nameGap: titleGapPx,
    nameTextStyle: { ...axisLabel, align: 'left' as const, padding: [0, 0, 0, titleLeftPx - leftPx] },
  });
  const joined = (word: string) => (everySeconds === 1 ? '' : `, ${word} in ${everySeconds} s`);
  const valueAxis = {
    axisLabel,
    splitNumber: 3,
    splitLine: { lineStyle: { color: colour.line } },
  };
  return [
    {
      type: 'value' as const,
      gridIndex: 0,
      ...valueAxis,
      ...title(`succeeded per second${joined('least')}`),
      nameGap: titleGapPx + fontPx,
    },
    {
      type: 'log' as const,
      gridIndex: 1,
      min: 1,
      ...valueAxis,
      ...title(`latency p99, ms${joined('most')}`),
      axisLabel: { ...axisLabel, hideOverlap: true },
    },
    {
      type: 'value' as const,
      gridIndex: 2,
      minInterval: 1,
      ...valueAxis,
      ...title(`errors per second${joined('most')}`),
      splitNumber: 1,
    },
    {
      type: 'category' as const,
      gridIndex: 3,
      data: [...members],
      inverse: true,
      axisLabel,
      axisTick: { show: false },
      axisLine: { show: false },
      ...title('members and their timelines'),
      nameLocation: 'start' as const,
    },
  ];
}

function curvesOf({ layout, points, everySeconds, markers }: Picture) {
  const line = (grid: number, name: string, color: string, value: (point: Point) => number | null) => ({
    type: 'line' as const,
    name,
    xAxisIndex: grid,
    yAxisIndex: grid,
    showSymbol: false,
    lineStyle: { color, width: everySeconds === 1 ? curvePx : thinCurvePx },
    itemStyle: { color },
    data: points.map((point) => [point.second, value(point)]),
  });
  return [
    { ...line(0, 'HTTP', colour.http, ({ httpOk }) => httpOk), markLine: markLine(markers, layout, true) },
    line(0, 'SQL', colour.sql, ({ sqlOk }) => sqlOk),
    {
      ...line(1, 'HTTP', colour.http, ({ httpP99Ms }) => atLeastOne(httpP99Ms)),
      markLine: markLine(markers, layout, false),
    },
    line(1, 'SQL', colour.sql, ({ sqlP99Ms }) => atLeastOne(sqlP99Ms)),
    {
      ...line(2, 'errors', colour.bad, ({ errors }) => errors),
      step: 'end' as const,
      areaStyle: { color: colour.bad, opacity: 0.6 },
      markLine: markLine(markers, layout, false),
    },
  ];
}

/** A row for each member, with a band for each time in one role on one timeline. It shows the timeline's number where it fits. */
function memberBandsOf({ layout, members, bands, markers }: Picture) {
  const { fontPx } = layout;
  return {
    type: 'custom' as const,
    xAxisIndex: 3,
    yAxisIndex: 3,
    clip: true,
    data: bands.map(({ fromMs, toMs, member }) => [fromMs / 1_000, toMs / 1_000, members.indexOf(member)]),
    renderItem: ({ dataIndex }: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
      const [x = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
      const [endX = 0] = api.coord([api.value(1), api.value(2)]);
      const { role, timeline } = bands[dataIndex]!;
      const width = Math.max(1, endX - x);
      const label = timeline === undefined ? '' : `T${timeline}`;
      return {
        type: 'rect' as const,
        shape: { x, y: y - bandPx / 2 + 2, width, height: bandPx - 4 },
        style: { fill: bandColour(role) },
        textContent: {
          type: 'text' as const,
          ignore: width < (label.length + 1) * letterWidth * fontPx,
          style: { text: label, fill: colour.onBand, fontSize: fontPx, fontFamily },
        },
        textConfig: { position: 'inside' as const },
      };
    },
    markLine: markLine(markers, layout, false),
  };
}

/** The value, but at least 1: a logarithmic axis cannot show zero. */
const atLeastOne = (value: number | null): number | null => (value === null ? null : Math.max(1, value));

function markLine(markers: readonly Mark[], { fontPx }: Layout, labelled: boolean) {
  return {
    symbol: 'none',
    silent: true,
    animation: false,
    label: {
      show: labelled,
      formatter: '{b}',
      color: colour.fault,
      fontSize: fontPx,
      fontFamily,
      distance: markerGapPx,
    },
    lineStyle: { color: colour.fault, type: 'dashed' as const, width: 1 },
    data: markers.map(({ label, atMs }) => ({
      name: label,
      xAxis: atMs / 1_000,
      lineStyle: { opacity: label === '' ? unlabelledOpacity : 1 },
    })),
  };
}

type Mark = Pick<Marker, 'label' | 'atMs'>;

/**
 * Removes the label of every marker whose label would touch the one before. The list below the picture has all markers.
 *
 * @param letterMs the width of a letter in milliseconds of the axis
 */
export function spaced(markers: readonly Marker[], letterMs: number): Mark[] {
  let labelled: Mark | undefined;
  return markers.map(({ label, atMs }) => {
    // Labels are centred on their lines, at least a letter's width apart.
    const letters = labelled === undefined ? 0 : (labelled.label.length + label.length) / 2 + 1;
    if (labelled !== undefined && atMs - labelled.atMs < letters * letterMs) return { label: '', atMs };
    labelled = { label, atMs };
    return labelled;
  });
}

function bandColour(role: string): string {
  if (/primary|leader|master/.test(role)) return colour.leader;
  return role === 'unreachable' ? colour.line : colour.replica;
}

interface Band {
  readonly member: string;
  readonly role: string;
  readonly timeline: number | undefined;
  readonly fromMs: number;
  toMs: number;
}

/** Joins consecutive equal samples of a member into bands. */
export function bandsOf({ members, durationMs }: Pick<RunResult, 'members' | 'durationMs'>): Band[] {
  const bands: Band[] = [];
  const current = new Map<string, Band>();
  for (const { atMs, member, role, timeline } of members.toSorted((a, b) => a.atMs - b.atMs)) {
    const band = current.get(member);
    if (band !== undefined) band.toMs = atMs;
    if (band !== undefined && band.role === role && band.timeline === timeline) continue;
    const next = { member, role, timeline, fromMs: atMs, toMs: atMs };
    bands.push(next);
    current.set(member, next);
  }
  for (const band of current.values()) band.toMs = Math.max(band.toMs, durationMs);
  return bands;
}

type Sample = RunResult['samples'][number];

/** One point of the curves: a second, or several that are drawn as one. */
interface Point {
  readonly second: number;
  readonly httpOk: number;
  readonly sqlOk: number;
  readonly httpP99Ms: number | null;
  readonly sqlP99Ms: number | null;
  readonly errors: number;
}

/**
 * Reduces the points of a long run. Each has the least throughput, the worst latency and the most errors of its seconds, so that an
 * outage of one second is drawn as deep in an hour as in a minute.
 */
export function resample(samples: readonly Sample[]): { everySeconds: number; points: readonly Point[] } {
  const everySeconds = Math.max(1, Math.ceil(samples.length / maxPoints));
  const points = Array.from({ length: Math.ceil(samples.length / everySeconds) }, (_, index) =>
    joinedPoint(samples.slice(index * everySeconds, (index + 1) * everySeconds)),
  );
  return { everySeconds, points };
}

function joinedPoint(group: readonly Sample[]): Point {
  return {
    second: group[0]!.second,
    httpOk: Math.min(...group.map(({ http }) => http.ok)),
    sqlOk: Math.min(...group.map(({ sql }) => sql.ok)),
    httpP99Ms: worst(group.map(({ http }) => http.p99Ms)),
    sqlP99Ms: worst(group.map(({ sql }) => sql.p99Ms)),
    errors: Math.max(...group.map(({ http, sql }) => http.failed + http.unknown + sql.failed + sql.unknown)),
  };
}

/** The largest value; null where nothing was measured. */
function worst(values: readonly (number | null)[]): number | null {
  const measured = values.filter((value) => value !== null);
  return measured.length === 0 ? null : Math.max(...measured);
}
