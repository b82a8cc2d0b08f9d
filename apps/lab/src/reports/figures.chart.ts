import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import { CustomChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { type ScenarioSummary, type Spread, summarize } from '../../../../libs/chaos/src/results/scenario.summary.js';
import { palette } from '../../../../libs/chaos/src/reports/page.styles.js';
import type { PublishedRuns } from './published.results.js';

use([CustomChart, GridComponent, TitleComponent, SVGRenderer]);

/** The gap of one run, or the gaps of several: a thick bar to `toMs`, a thin one to `mostMs`, and a mark at the median. */
export interface Bar {
  readonly kind: 'write' | 'read';
  readonly fromMs: number;
  readonly medianMs?: number;
  readonly toMs: number;
  readonly mostMs: number;
  /** The text to the right of the bar. */
  readonly text: string;
}

/** The bars of one label: one, or two below each other. */
export interface Row {
  readonly label: string;
  readonly bars: readonly Bar[];
}

interface Panel {
  readonly title: string;
  readonly rowPx: number;
  readonly rows: readonly Row[];
}

const widthPx = 1_040;
const leftPx = 250;
const rightPx = 120;
const marginPx = 8;
/** Space above a panel, for its title. */
const titlePx = 50;
const titleTopPx = 18;
/** Space below a panel, for the labels of its axis. */
const axisPx = 34;
const barPx = 10;
/** Distance between the middles of two bars of a row. */
const nextBarPx = 13;
const medianPx = 2;
const medianHeightPx = 14;
const thinPx = 2;
const thinOpacity = 0.5;
const textGapPx = 6;
const fontPx = 12;
const titleFontPx = 14;
const fontFamily = 'system-ui, sans-serif';
/** Left end of the logarithmic axes. At the usual load the time between two operations is longer. */
const leastMs = 50;

const colours = { write: 'var(--sql)', read: 'var(--http)' };

/** Draws all published gaps as one SVG with its own colours for light and dark. Equal results give equal text. */
export function figuresChart(chaos: readonly PublishedRuns[]): string {
  const panels: readonly Panel[] = [
    {
      title: 'Repeated: longest time without a write, SQL clients. Shortest run to p95, median, longest run',
      rowPx: 20,
      rows: repeatedRows(chaos),
    },
    {
      title: 'Once each: longest time without a write (orange) and without a read (blue), SQL or HTTP clients',
      rowPx: 32,
      rows: singleRows(chaos),
    },
  ];
  const heights = panels.map(({ rows, rowPx }) => Math.max(1, rows.length) * rowPx);
  const tops = heights.map((_, index) =>
    heights.slice(0, index).reduce((top, height) => top + height + axisPx + titlePx, titlePx),
  );
  const heightPx = tops.at(-1)! + heights.at(-1)! + axisPx;
  const axisLabel = { color: 'var(--muted)', fontSize: fontPx, fontFamily };
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: widthPx, height: heightPx });
  chart.setOption({
    animation: false,
    backgroundColor: 'var(--page)',
    title: panels.map(({ title }, index) => ({
      text: title,
      left: marginPx,
      top: tops[index]! - titlePx + titleTopPx,
      padding: 0,
      textStyle: { color: 'var(--ink)', fontSize: titleFontPx, fontFamily, fontWeight: 600 as const },
    })),
    grid: tops.map((top, index) => ({
      top,
      height: heights[index]!,
      left: leftPx,
      right: rightPx,
      outerBoundsMode: 'none' as const,
    })),
    xAxis: panels.map((_, gridIndex) => ({
      type: 'log' as const,
      gridIndex,
      min: leastMs,
      max: axisEndMs(panels),
      axisLabel: { ...axisLabel, formatter: (ms: number) => `${ms / 1_000} s` },
      splitLine: { lineStyle: { color: 'var(--line)' } },
    })),
    yAxis: panels.map(({ rows }, gridIndex) => ({
      type: 'category' as const,
      gridIndex,
      inverse: true,
      data: rows.map(({ label }) => label),
      axisLabel: { ...axisLabel, interval: 0 },
      axisTick: { show: false },
      axisLine: { show: false },
    })),
    series: panels.map(({ rows }, index) => ({
      type: 'custom' as const,
      xAxisIndex: index,
      yAxisIndex: index,
      silent: true,
      data: rows.map((_row, row) => [leastMs, row]),
      renderItem: ({ dataIndex }: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => ({
        type: 'group' as const,
        children: drawnBars(rows[dataIndex]!.bars, (ms) => api.coord([Math.max(leastMs, ms), dataIndex])),
      }),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${still(svg).replace('>', `><style>${palette}</style>`)}\n`;
}

/** Removes what echarts adds for a mouse. The class names in it are numbered through the process, so equal charts would differ. */
const still = (svg: string): string =>
  svg
    .replaceAll(/<style ><!\[CDATA\[[^]*?\]\]>\s*<\/style>\s*/g, '')
    .replaceAll(/ (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, '');

/** The end of the axes: the power of ten above the longest gap. */
function axisEndMs(panels: readonly Panel[]): number {
  const gaps = panels.flatMap(({ rows }) => rows.flatMap(({ bars }) => bars.map(({ mostMs }) => mostMs)));
  return 10 ** Math.ceil(Math.log10(Math.max(leastMs + 1, ...gaps)));
}

function drawnBars(bars: readonly Bar[], at: (ms: number) => number[]) {
  return bars.flatMap(({ kind, fromMs, medianMs, toMs, mostMs, text }, index) => {
    const [fromX = 0, rowY = 0] = at(fromMs);
    const [toX = 0] = at(toMs);
    const [mostX = 0] = at(mostMs);
    const y = rowY + (index - (bars.length - 1) / 2) * nextBarPx;
    const fill = colours[kind];
    const rect = (x: number, width: number, height: number, style: object) => ({
      type: 'rect' as const,
      shape: { x, y: y - height / 2, width: Math.max(1, width), height },
      style,
    });
    const median = medianMs === undefined ? undefined : at(medianMs)[0];
    return [
      rect(fromX, mostX - fromX, thinPx, { fill, opacity: thinOpacity }),
      rect(fromX, toX - fromX, barPx, { fill }),
      ...(median === undefined ? [] : [rect(median - medianPx / 2, medianPx, medianHeightPx, { fill: 'var(--ink)' })]),
      {
        type: 'text' as const,
        style: {
          // A whole number, for other versions of Node may write another last digit.
          x: Math.round(mostX + textGapPx),
          y,
          text,
          fill: 'var(--muted)',
          fontSize: fontPx,
          fontFamily,
          verticalAlign: 'middle' as const,
        },
      },
    ];
  });
}

/** One row for each scenario that a folder repeats. Rows of the same scenario follow each other. */
export function repeatedRows(chaos: readonly PublishedRuns[]): Row[] {
  const rows = chaos.flatMap(({ name, runs }) =>
    summarize(runs).flatMap(({ scenario, spread: { sqlWriteGapMs: spread } }) => {
      if (spread === null || spread.count === 1 || isMutation(scenario)) return [];
      return [{ label: `${scenario} (${name}, ${spread.count} runs)`, bars: [spreadBar(spread)] }];
    }),
  );
  return rows.toSorted((a, b) => a.label.localeCompare(b.label, 'en'));
}

function spreadBar({ min, median, p95, max }: Spread): Bar {
  const text = `median ${seconds(median)}, p95 ${seconds(p95)}`;
  return { kind: 'write', fromMs: min, medianMs: median, toMs: p95, mostMs: max, text };
}

/** One row for each scenario of the folders that have several scenarios and none of them twice. Of one that more folders have, the row names the folder. */
export function singleRows(chaos: readonly PublishedRuns[]): Row[] {
  const once = chaos.flatMap(({ name, runs }) => {
    const all = summarize(runs);
    return all.length > 1 && all.every(ranAtMostOnce) ? all.map((summary) => ({ name, ...summary })) : [];
  });
  const isShared = (of: string) => once.filter(({ scenario }) => scenario === of).length > 1;
  return once.flatMap(({ name, scenario, spread }) => {
    const bars = [
      ...singleBar('write', spread.sqlWriteGapMs, spread.httpWriteGapMs),
      ...singleBar('read', spread.sqlReadGapMs, spread.httpReadGapMs),
    ];
    return bars.length === 0 ? [] : [{ label: isShared(scenario) ? `${scenario} (${name})` : scenario, bars }];
  });
}

const ranAtMostOnce = ({ runs }: ScenarioSummary): boolean => runs <= 1;

/** The bar of the longer gap, of SQL or HTTP clients. */
function singleBar(kind: Bar['kind'], ...spreads: readonly (Spread | null)[]): Bar[] {
  const gaps = spreads.flatMap((spread) => (spread === null ? [] : [spread.max]));
  if (gaps.length === 0) return [];
  const gapMs = Math.max(...gaps);
  return [{ kind, fromMs: leastMs, toMs: gapMs, mostMs: gapMs, text: seconds(gapMs) }];
}

/** Mutations are left out: their damage counts, and not how long it took. */
const isMutation = (scenario: string): boolean => scenario.startsWith('mutation-');

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
