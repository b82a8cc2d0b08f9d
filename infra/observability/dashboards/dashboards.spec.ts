import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { dashboards } from './dashboards.js';
import { dashboardFiles, dashboardsFolder, modelOf } from './grafana.model.js';

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
});
