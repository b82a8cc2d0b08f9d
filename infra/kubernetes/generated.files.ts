import { readFileSync } from 'node:fs';
import { rulesManifest } from './alert.rules.js';
import { functionsManifest } from './postgres.functions.js';

const here = 'infra/kubernetes';

/** The manifests that are made from what the lab itself uses: path and text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const alerts = readFileSync('infra/observability/prometheus/alerts.yml', 'utf8');
  return new Map([
    [`${here}/functions/functions.yml`, functionsManifest(readFileSync('patroni/lab_schema.sql', 'utf8'))],
    [`${here}/observe/zalando/rules.yml`, rulesManifest('zalando', alerts)],
    [`${here}/observe/cloudnative-pg/rules.yml`, rulesManifest('cloudnative-pg', alerts)],
  ]);
}
