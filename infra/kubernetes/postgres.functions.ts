import { stringify } from 'yaml';

/** Logins that may call the functions: those of the service. */
const callers = 'app_owner, app_user';

/**
 * The functions of the lab's schema, and who may call them, out of the SQL that makes the lab (patroni/lab_schema.sql). What else is in there,
 * tables of the demos and rights of the lab's other logins, is left out. May be run again.
 */
export function functionsSql(labSchema: string): string {
  const functions = labSchema.match(/^CREATE OR REPLACE FUNCTION lab\.[\s\S]*?^\$\$;$/gm) ?? [];
  return [
    'CREATE SCHEMA IF NOT EXISTS lab;',
    `GRANT USAGE ON SCHEMA lab TO ${callers};`,
    ...functions,
    'REVOKE ALL ON ALL FUNCTIONS IN SCHEMA lab FROM PUBLIC;',
    `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA lab TO ${callers};`,
  ].join('\n\n');
}

/** The text of infra/kubernetes/functions/functions.yml. */
export function functionsManifest(labSchema: string): string {
  const manifest = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'postgres-functions', labels: { 'app.kubernetes.io/part-of': 'pg-ha-lab' } },
    data: { 'install.sql': `${functionsSql(labSchema)}\n` },
  };
  return `# Made from patroni/lab_schema.sql: node --import tsx infra/kubernetes/generate.ts\n${stringify(manifest, { lineWidth: 0, singleQuote: true })}`;
}
