import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles, dashboardsFolder } from './grafana.model.js';

// node --import tsx infra/observability/dashboards/generate.ts
for (const [file, text] of await dashboardFiles()) {
  writeFileSync(join(dashboardsFolder, file), text);
  process.stdout.write(`${file}\n`);
}
