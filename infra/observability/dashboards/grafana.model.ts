import { fileURLToPath } from 'node:url';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import * as grafana from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as stateTimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as timeSeries from '@grafana/grafana-foundation-sdk/timeseries';
import { format } from 'prettier';
import type { Dashboard, Kind, Panel } from './dashboard.js';
import { dashboards } from './dashboards.js';

const tag = 'pg-ha-lab';
/** That of grafana/provisioning/datasources/prometheus.yml. */
const prometheus: DataSourceRef = { type: 'prometheus', uid: 'prometheus' };

/** Of 24 columns. */
const widths: Readonly<Record<Kind, number>> = { number: 4, graph: 12, states: 12 };
const heights: Readonly<Record<Kind, number>> = { number: 4, graph: 8, states: 8 };
const builders = {
  number: () => new stat.PanelBuilder(),
  graph: () => new timeSeries.PanelBuilder().min(0),
  states: () => new stateTimeline.PanelBuilder(),
} as const;

function panelOf({ title, says, kind, unit, queries }: Panel): Builder<grafana.Panel> {
  const builder = builders[kind]()
    .title(title)
    .description(says)
    .unit(unit)
    .datasource(prometheus)
    .span(widths[kind])
    .height(heights[kind]);
  for (const [index, { expr, legend }] of queries.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCodePoint(65 + index))
      .datasource(prometheus)
      .expr(expr)
      .legendFormat(legend);
    builder.withTarget(kind === 'number' ? query.instant() : query.range());
  }
  return builder;
}

const mark = (name: string, color: string, expr: string, titleFormat: string): Builder<grafana.AnnotationQuery> =>
  new grafana.AnnotationQueryBuilder()
    .name(name)
    .datasource(prometheus)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .titleFormat(titleFormat)
    .step('5s');

/** A dashboard as Grafana reads it. Every one shows which fault was on, where leadership changed, and which alert fired. */
export function modelOf({ name, title, says, panels }: Dashboard): grafana.Dashboard {
  const builder = new grafana.DashboardBuilder(title)
    .uid(`${tag}-${name}`)
    .description(says)
    .tags([tag])
    .readonly()
    .refresh('5s')
    .time({ from: 'now-15m', to: 'now' })
    .timezone('browser')
    .tooltip(grafana.DashboardCursorSync.Crosshair)
    .link(
      new grafana.DashboardLinkBuilder('Dashboards')
        .type(grafana.DashboardLinkType.Dashboards)
        .tags([tag])
        .keepTime(true),
    )
    .annotation(mark('Faults', 'orange', 'pgha_fault_active == 1', '{{fault}}'))
    .annotation(mark('New leader', 'purple', 'changes(max(patroni_postgres_timeline)[30s:5s]) > 0', 'New leader'))
    .annotation(mark('Alerts', 'red', 'ALERTS{alertstate="firing"}', '{{alertname}} {{instance}}'));
  for (const panel of panels) builder.withPanel(panelOf(panel));
  return builder.build();
}

/** The folder that Grafana reads dashboards from. */
export const dashboardsFolder = fileURLToPath(new URL('../grafana/dashboards/', import.meta.url));

/** The text of each file in {@link dashboardsFolder}, by its name. */
export async function dashboardFiles(): Promise<ReadonlyMap<string, string>> {
  const files = dashboards.map(async (dashboard): Promise<[string, string]> => [
    `${dashboard.name}.json`,
    await format(JSON.stringify(modelOf(dashboard)), { parser: 'json', printWidth: 120 }),
  ]);
  return new Map(await Promise.all(files));
}
