import { parse, stringify } from 'yaml';

/** An alert as Prometheus has it. */
export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook', string>>;
}

interface Group {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** Who runs PostgreSQL. */
export type Operator = 'zalando' | 'cloudnative-pg';

/** Metrics of which each operator's monitors (observe/) ask, by the beginnings of their names, and the jobs they ask them as. */
const asked: Readonly<Record<Operator, { readonly metrics: RegExp; readonly jobs: RegExp }>> = {
  zalando: { metrics: /^(patroni_|pgha_(?!backup)|up$)/, jobs: /^(patroni|api)$/ },
  'cloudnative-pg': { metrics: /^(cnpg_|pgha_(?!backup)|up$)/, jobs: /^(postgres|api)$/ },
};

/**
 * What the lab asks of Patroni, asked of CloudNativePG's exporter (its metrics: config/manager/default-monitoring.yaml of the operator). An
 * alert of Patroni's that is not here has no counterpart.
 */
const ofCloudNativePg: Readonly<Record<string, string>> = {
  NoLeader: '(count(cnpg_pg_replication_in_recovery == 0) or vector(0)) < 1',
  TwoLeaders: 'count(cnpg_pg_replication_in_recovery == 0) > 1',
  NoSpareMember: 'max(cnpg_pg_replication_streaming_replicas and cnpg_pg_replication_in_recovery == 0) < 1',
  MemberDown: `min by (instance) (up{job="postgres"}) == 0 or min by (instance) (cnpg_collector_up) == 0 or ${fewer('postgres', 3)}`,
  ReplicaFarBehind: 'max by (application_name) (cnpg_pg_stat_replication_replay_diff_bytes) > 16 * 1024 * 1024',
  SlotHoldsWal: 'max by (instance, slot_name) (cnpg_pg_replication_slots_pg_wal_lsn_diff) > 256 * 1024 * 1024',
  TransactionOpen: 'max by (instance, usename, application_name) (cnpg_backends_max_tx_duration_seconds) > 30',
};

/** What the lab asks of the targets that it knows, asked where a pod that is gone is no target any more. */
const ofKubernetes: Readonly<Record<string, string>> = {
  MemberDown: `min by (instance) (up{job="patroni"}) == 0 or min by (instance) (patroni_postgres_running) == 0 or ${fewer('patroni', 3)}`,
  ApiDown: `up{job="api"} == 0 or ${fewer('api', 2)}`,
};

/** Names of what is missing, where it has one, and not of what the lab has. */
const summaries: Readonly<Record<string, string>> = {
  MemberDown: 'A member is down{{ with $labels.instance }}: {{ . }}{{ end }}.',
  ApiDown: 'An instance of the service does not answer{{ with $labels.instance }}: {{ . }}{{ end }}.',
  FailsafeMode: 'The leader goes on without the API of Kubernetes, as long as it reaches every other member.',
};

/** Words of the lab, where nobody on Kubernetes could do what they say. */
const descriptions: Readonly<Record<string, string>> = {
  NoLeader:
    "A failover should be over by now. Look at the operator's log, and at the events of the cluster's pods: is a quorum of them there?",
  TwoLeaders:
    'Writes to one of them will be lost. Find out whom the operator takes for the leader, and cut the other one off.',
  NoSpareMember: 'Bring the replicas back: look at their pods and volumes.',
  MemberDown:
    'Its pod is gone or was never made, or its PostgreSQL does not run. kubectl -n pg-ha get pods and kubectl describe pod say why.',
  ReplicaFarBehind: 'Its reads go to the leader. Find out what holds its replay or its stream up.',
  ReplayStuck: 'Its rows grow old: a query may be in the way, or replay is paused.',
  PatroniPaused: 'When the maintenance is over: kubectl exec, patronictl resume.',
  FailsafeMode:
    'Patroni does not reach the API of Kubernetes. Leave PostgreSQL alone, restart no pod, and bring the API back.',
  ApiDown: 'The other instance serves. kubectl -n pg-ha get pods, kubectl describe pod and kubectl logs say why.',
  WritesHeld: 'A failover is going on. When it does not end, NoLeader says why.',
};

/** Whether there are fewer targets than there should be, none included. */
function fewer(job: string, than: number): string {
  return `(count(up{job="${job}"}) or vector(0)) < ${than}`;
}

/** Names of metrics and of jobs in an expression of PromQL. */
export function namesIn(expr: string): { readonly metrics: readonly string[]; readonly jobs: readonly string[] } {
  const bare = expr.replaceAll(/\{[^}]*\}/g, '').replaceAll(/\b(by|on)\s*\([^)]*\)/g, '');
  const metrics = [...bare.matchAll(/\b([a-z][a-z0-9_]*)\b(?!\s*\()/g)].map(([, name = '']) => name);
  const jobs = [...expr.matchAll(/job=~?"([^"]+)"/g)].flatMap(([, names = '']) => names.split('|'));
  return { metrics: metrics.filter((name) => /_|^up$/.test(name)), jobs };
}

/** The lab's alerts for an operator, in the words of Kubernetes; without those that ask for what is not there. */
export function rulesFor(operator: Operator, groups: readonly Group[]): readonly Group[] {
  const { metrics, jobs } = asked[operator];
  const isAsked = ({ expr }: Rule) => {
    const names = namesIn(expr);
    return names.metrics.every((name) => metrics.test(name)) && names.jobs.every((name) => jobs.test(name));
  };
  return groups
    .map(({ name, rules }) => ({ name, rules: rules.map((rule) => translated(operator, rule)).filter(isAsked) }))
    .filter(({ rules }) => rules.length > 0);
}

function translated(operator: Operator, rule: Rule): Rule {
  const expr =
    (operator === 'cloudnative-pg' ? ofCloudNativePg[rule.alert] : undefined) ?? ofKubernetes[rule.alert] ?? rule.expr;
  const description = descriptions[rule.alert] ?? rule.annotations.description;
  // Other exporters, other labels.
  const summary =
    operator === 'cloudnative-pg' && rule.alert === 'ReplicaFarBehind'
      ? rule.annotations.summary.replace('$labels.instance', '$labels.application_name')
      : (summaries[rule.alert] ?? rule.annotations.summary);
  return { ...rule, expr, annotations: { ...rule.annotations, summary, description } };
}

/** The text of infra/kubernetes/observe/OPERATOR/rules.yml, from that of infra/observability/prometheus/alerts.yml. */
export function rulesManifest(operator: Operator, alerts: string): string {
  const { groups } = parse(alerts) as { groups: Group[] };
  const manifest = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'pg-ha', labels: { 'app.kubernetes.io/part-of': 'pg-ha-lab' } },
    spec: { groups: rulesFor(operator, groups) },
  };
  const source = 'infra/observability/prometheus/alerts.yml';
  return `# Made from ${source}: node --import tsx infra/kubernetes/generate.ts\n${stringify(manifest, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false })}`;
}
