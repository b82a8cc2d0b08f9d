import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Query } from './dashboard.js';
import { dashboards } from './dashboards.js';
import { dashboardFiles, dashboardsFolder, modelOf } from './grafana.model.js';

/** The metrics of our own services, and the labels of each, as the code that counts them says. */
const ownMetrics = new Map(
  ['apps/api/src/observability/metrics.ts', 'apps/fencing/src/fencing.metrics.ts']
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/name: '(\w+)',([\s\S]*?)\}\);/g)])
    .map(([, name = '', rest = '']): [string, string[]] => [
      name,
      [...(/labelNames: \[(.*?)\]/.exec(rest)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, label = '']) => label),
    ]),
);
// Sent by `scripts/lab chaos run`: libs/chaos/src/observe/fault.marks.spec.ts.
ownMetrics.set('pgha_fault_active', ['fault']);
/** Labels that Prometheus gives to every series, or to the buckets of a histogram. */
const commonLabels = ['instance', 'job', 'le'];
const namesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, names = '']) => names.match(/\w+/g) ?? []);
/** The labels that a query selects or groups by, and those that its legend shows. */
const labelsOf = ({ expr, legend }: Query): string[] => [
  ...namesIn(expr, /(\w+)\s*(?:=~|!~|!=|=)\s*"/g),
  ...namesIn(expr, /\bby \((.*?)\)/g),
  ...namesIn(legend, /\{\{(\w+)\}\}/g),
];
/** Metrics of a query; `pgha_x_bucket` is the metric `pgha_x`. */
const ownIn = ({ expr }: Query): string[] =>
  (expr.match(/\b(?:pgha|fencing)_\w+/g) ?? []).map((name) => name.replace(/_(?:bucket|count|sum)$/, ''));

describe('The dashboards of Grafana', () => {
  it('are what the generator makes of them; else: node --import tsx infra/observability/dashboards/generate.ts', async () => {
    const files = await dashboardFiles();

    expect(readdirSync(dashboardsFolder).toSorted()).toEqual([...files.keys()].toSorted());
    for (const [file, text] of files) expect(readFileSync(join(dashboardsFolder, file), 'utf8')).toBe(text);
  });

  it.each(dashboards.map((dashboard) => [dashboard.name, dashboard] as const))(
    '%s has every query in a panel of its own place, and no two panels of one title',
    (_, dashboard) => {
      const { panels = [] } = modelOf(dashboard);
      const places = panels.map(({ gridPos }) => `${gridPos?.x},${gridPos?.y}`);
      const asked = panels.flatMap((panel) => ('targets' in panel ? (panel.targets ?? []) : []));

      expect(new Set(places).size).toBe(dashboard.panels.length);
      expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
      expect(asked.map((target) => (target as { expr?: string }).expr)).toEqual(
        dashboard.panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
      );
    },
  );

  it('ask with windows that Prometheus knows, too', () => {
    const variables = dashboards.flatMap(({ panels }) =>
      panels.flatMap(({ queries }) => queries.filter(({ expr }) => expr.includes('$'))),
    );

    expect(variables).toEqual([]);
  });

  it('know the metrics and the labels of our own services by their names, also those that count nothing yet', () => {
    const queries = dashboards.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries));
    const unknown = queries.flatMap((query) => {
      const metrics = ownIn(query);
      const labels = [...commonLabels, ...metrics.flatMap((name) => ownMetrics.get(name) ?? [])];
      return metrics.length === 0
        ? []
        : [
            ...metrics.filter((name) => !ownMetrics.has(name)),
            ...labelsOf(query)
              .filter((label) => !labels.includes(label))
              .map((label) => `${label} in ${query.expr}`),
          ];
    });

    expect(queries.flatMap(ownIn).length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  });
});
