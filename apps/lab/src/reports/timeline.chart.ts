import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import { CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { RunResult } from '../results/run.result.js';
import { Html } from './html.js';
import { type Marker, markersOf } from './markers.js';

use([CustomChart, LineChart, GridComponent, MarkLineComponent, SVGRenderer]);

/** Colours are the page's variables, so that one picture serves light and dark. */
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
const maxPoints = 240;
const bandPx = 22;

interface Layout {
  readonly widthPx: number;
  readonly fontPx: number;
  readonly leftPx: number;
}

/** One for a desktop, one for a phone, where the wide one would be too small to read. */
export const layouts = {
  wide: { widthPx: 1_040, fontPx: 12, leftPx: 78 },
  narrow: { widthPx: 380, fontPx: 11, leftPx: 62 },
} as const satisfies Record<string, Layout>;

/** Draws a run: throughput, latency, errors, members, and the faults and phases across all of them. */
export function timelineChart(run: RunResult, layout: Layout): Html {
  const { widthPx, fontPx, leftPx } = layout;
  const points = resample(run.samples);
  const bands = bandsOf(run);
  const members = [...new Set(bands.map(({ member }) => member))].toSorted();
  const heights = [110, 110, 60, Math.max(1, members.length) * bandPx];
  const gapPx = 46;
  const tops = heights.map((_, index) => 40 + heights.slice(0, index).reduce((sum, height) => sum + height + gapPx, 0));
  const heightPx = tops.at(-1)! + heights.at(-1)! + 34;
  const endSeconds = Math.max(1, run.durationMs / 1_000, points.at(-1)?.second ?? 0);

  const chart = init(null, null, { renderer: 'svg', ssr: true, width: widthPx, height: heightPx });
  const axisLabel = { color: colour.text, fontSize: fontPx, fontFamily };
  const title = (text: string) => ({
    name: text,
    nameLocation: 'end' as const,
    nameGap: 10,
    nameTextStyle: { ...axisLabel, align: 'left' as const, padding: [0, 0, 0, 8 - leftPx] },
  });
  const valueAxis = {
    axisLabel,
    splitNumber: 3,
    splitLine: { lineStyle: { color: colour.line } },
  };
  const line = (grid: number, name: string, color: string, values: (number | null)[]) => ({
    type: 'line' as const,
    name,
    xAxisIndex: grid,
    yAxisIndex: grid,
    showSymbol: false,
    lineStyle: { color, width: 1.6 },
    itemStyle: { color },
    data: points.map(({ second }, index) => [second, values[index] ?? null]),
  });

  chart.setOption({
    animation: false,
    grid: tops.map((top, index) => ({
      top,
      height: heights[index]!,
      left: leftPx,
      right: 26,
      outerBoundsMode: 'none' as const,
    })),
    xAxis: tops.map((_, index) => ({
      type: 'value' as const,
      gridIndex: index,
      min: 0,
      max: endSeconds,
      axisLabel: { ...axisLabel, formatter: '{value} s', hideOverlap: true, show: index === tops.length - 1 },
      axisLine: { lineStyle: { color: colour.line } },
      splitLine: { show: false },
    })),
    yAxis: [
      { type: 'value', gridIndex: 0, ...valueAxis, ...title('succeeded per second') },
      {
        type: 'log',
        gridIndex: 1,
        min: 1,
        ...valueAxis,
        ...title('latency p99, ms'),
        axisLabel: { ...axisLabel, hideOverlap: true },
      },
      { type: 'value', gridIndex: 2, minInterval: 1, ...valueAxis, splitNumber: 1, ...title('errors per second') },
      {
        type: 'category',
        gridIndex: 3,
        data: members,
        inverse: true,
        axisLabel,
        axisTick: { show: false },
        axisLine: { show: false },
        ...title('members and their timelines'),
        nameLocation: 'start',
      },
    ],
    series: [
      {
        ...line(
          0,
          'HTTP',
          colour.http,
          points.map(({ http }) => http.ok),
        ),
        markLine: markLine(run, endSeconds, layout, true),
      },
      line(
        0,
        'SQL',
        colour.sql,
        points.map(({ sql }) => sql.ok),
      ),
      {
        ...line(
          1,
          'HTTP',
          colour.http,
          points.map(({ http }) => atLeastOne(http.p99Ms)),
        ),
        markLine: markLine(run, endSeconds, layout, false),
      },
      line(
        1,
        'SQL',
        colour.sql,
        points.map(({ sql }) => atLeastOne(sql.p99Ms)),
      ),
      {
        ...line(2, 'errors', colour.bad, points.map(errors)),
        step: 'end' as const,
        areaStyle: { color: colour.bad, opacity: 0.6 },
        markLine: markLine(run, endSeconds, layout, false),
      },
      {
        type: 'custom',
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
            type: 'rect',
            shape: { x, y: y - bandPx / 2 + 2, width, height: bandPx - 4 },
            style: { fill: bandColour(role) },
            textContent: {
              type: 'text',
              ignore: width < 28,
              style: { text: label, fill: colour.onBand, fontSize: fontPx, fontFamily },
            },
            textConfig: { position: 'inside' },
          };
        },
        markLine: markLine(run, endSeconds, layout, false),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // The text of an SVG by echarts is escaped; directory.report.spec.ts holds it to that.
  return new Html(svg);
}

const errors = ({ http, sql }: Sample): number => http.failed + http.unknown + sql.failed + sql.unknown;

/** A logarithmic axis knows no zero. */
const atLeastOne = (value: number | null): number | null => (value === null ? null : Math.max(1, value));

function markLine(run: RunResult, endSeconds: number, { fontPx, widthPx }: Layout, labelled: boolean) {
  return {
    symbol: 'none',
    silent: true,
    animation: false,
    label: { show: labelled, formatter: '{b}', color: colour.fault, fontSize: fontPx, fontFamily, distance: 3 },
    lineStyle: { color: colour.fault, type: 'dashed' as const, width: 1 },
    data: spaced(
      markersOf(run).filter(({ atMs }) => atMs >= 0 && atMs / 1_000 <= endSeconds),
      (endSeconds * 1_000 * fontPx) / widthPx,
    ).map(({ label, atMs }) => ({ name: label, xAxis: atMs / 1_000 })),
  };
}

/** Letters that would lie upon each other stand together at the first of their lines. */
export function spaced(markers: readonly Marker[], leastMs: number): Pick<Marker, 'label' | 'atMs'>[] {
  const result: { label: string; atMs: number }[] = [];
  let labelled: { label: string; atMs: number } | undefined;
  for (const { label, atMs } of markers) {
    const together = labelled !== undefined && atMs - labelled.atMs < leastMs * labelled.label.length;
    result.push({ label: together ? '' : label, atMs });
    if (together) labelled!.label += label;
    else labelled = result.at(-1);
  }
  return result;
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

/** Joins equal samples of a member that follow each other. */
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

/** A long run is drawn with fewer points: means of rates, and the worst latency, so that no peak vanishes. */
export function resample(samples: readonly Sample[]): readonly Sample[] {
  const size = Math.ceil(samples.length / maxPoints);
  if (size <= 1) return samples;
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) => {
    const group = samples.slice(index * size, (index + 1) * size);
    return {
      second: group[0]!.second,
      http: joined(group.map(({ http }) => http)),
      sql: joined(group.map(({ sql }) => sql)),
    };
  });
}

function joined(group: readonly Sample['http'][]): Sample['http'] {
  const mean = (of: (second: Sample['http']) => number): number =>
    group.reduce((sum, second) => sum + of(second), 0) / group.length;
  const worst = (of: (second: Sample['http']) => number | null): number | null =>
    group.reduce<number | null>(
      (most, second) => (of(second) === null ? most : Math.max(most ?? 0, of(second)!)),
      null,
    );
  return {
    ok: mean(({ ok }) => ok),
    failed: mean(({ failed }) => failed),
    unknown: mean(({ unknown }) => unknown),
    p50Ms: worst(({ p50Ms }) => p50Ms),
    p99Ms: worst(({ p99Ms }) => p99Ms),
    maxMs: worst(({ maxMs }) => maxMs),
  };
}
