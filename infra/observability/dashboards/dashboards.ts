import type { Dashboard, Kind, Panel, Query, Unit } from './dashboard.js';

const panel =
  (kind: Kind) =>
  (title: string, says: string, unit: Unit, ...queries: readonly Query[]): Panel => ({
    title,
    says,
    kind,
    unit,
    queries,
  });
const graph = panel('graph');
const number = panel('number');
const states = panel('states');

const query = (expr: string, legend: string): Query => ({ expr, legend });
const maybe = (absentBecause: string, expr: string, legend: string): Query => ({ expr, legend, absentBecause });

/** The quantile of a histogram of which `by` are the labels that are kept. */
const quantile = (q: number, histogram: string, ...by: readonly string[]) =>
  `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (rate(${histogram}_bucket[1m])))`;

const nothingHappened = 'it is counted when it happens first';
const onRequest = (command: string) => `it is there with scripts/lab ${command} on only`;

const leads = states(
  'Who leads',
  'One member at 1. A gap is a failover; two at once for longer than a moment are two leaders.',
  'short',
  query('patroni_primary', '{{instance}}'),
);
const timelines = graph(
  'Timeline',
  'Each promotion begins one. A member on a lower one than the others has not rejoined.',
  'short',
  query('patroni_postgres_timeline', '{{instance}}'),
);
const behindLeader = graph(
  'Replay behind the leader',
  'What a read from this replica does not show yet. Beyond 16 MiB HAProxy sends it none.',
  'bytes',
  query(
    'clamp_min(scalar(max(patroni_xlog_location)) - patroni_xlog_replayed_location and patroni_replica == 1, 0)',
    '{{instance}}',
  ),
);
const servers = graph(
  'Servers that HAProxy sees',
  'One leader, two replicas, two instances of the service. It follows Patroni within a second or two.',
  'short',
  query('haproxy_backend_active_servers{job="haproxy", proxy=~"leader|replicas|api"}', '{{proxy}}'),
);
const writes = graph(
  'Writes by outcome',
  'committed, replayed (a repeated Idempotency-Key), refused, unavailable or unknown. Unknown is rare, and the client repeats it.',
  'ops',
  query('sum by (outcome) (rate(pgha_writes_total[1m]))', '{{outcome}}'),
);
const held = graph(
  'Writes held',
  'held is 1 while the service reaches no leader. Those in flight then wait, and none of them fails before its deadline.',
  'short',
  query('max(pgha_writes_held)', 'held'),
  query('sum(pgha_writes_in_flight)', 'in flight'),
);
const responses = graph(
  'Responses by status',
  'A failover should show as waiting writes, and not as 5xx.',
  'reqps',
  query('sum by (status) (rate(pgha_http_request_duration_seconds_count[1m]))', '{{status}}'),
);
const latency = graph(
  'Latency of responses',
  'Of all routes together, health checks included.',
  's',
  query(quantile(0.5, 'pgha_http_request_duration_seconds'), 'p50'),
  query(quantile(0.99, 'pgha_http_request_duration_seconds'), 'p99'),
);
const alerts = states(
  'Alerts that fire',
  'Each is explained on the page of Prometheus, and has a section in docs/runbook.md.',
  'short',
  maybe('none should fire', 'ALERTS{alertstate="firing"}', '{{alertname}} {{instance}}'),
);

/** Every dashboard, in the order of the menu. */
export const dashboards: readonly Dashboard[] = [
  {
    name: 'overview',
    title: 'On call',
    says: 'Is it well? What do clients notice, and which part is it?',
    panels: [
      number('Leaders', 'One. 0 is a failover, or worse.', 'short', query('sum(patroni_primary)', 'leaders')),
      number(
        'Spare members',
        'Replicas that may be promoted without losing an acknowledged commit. At 0 the next failure stops the writes.',
        'short',
        query('sum(patroni_quorum_standby) + sum(patroni_sync_standby)', 'spare'),
      ),
      number(
        'etcd members in quorum',
        'Three. At 1 nobody can take over from the leader.',
        'short',
        query('sum(etcd_server_has_leader)', 'etcd'),
      ),
      number(
        'Alerts',
        'How many fire. None should.',
        'short',
        query('count(ALERTS{alertstate="firing"}) or vector(0)', 'alerts'),
      ),
      number(
        'Acknowledged writes lost',
        'Since the instances started. 0 for ever, with quorum replication.',
        'short',
        query('sum(pgha_acknowledged_writes_lost_total)', 'lost'),
      ),
      number(
        'Age of the last base backup',
        'Half a day at most, as the repository is made.',
        's',
        maybe(onRequest('backup'), 'max(pgha_backup_age_seconds)', 'age'),
      ),
      responses,
      latency,
      graph(
        'Share of 5xx',
        'Of what the service answered.',
        'percentunit',
        query(
          '(sum(rate(pgha_http_request_duration_seconds_count{status=~"5.."}[1m])) or vector(0)) / sum(rate(pgha_http_request_duration_seconds_count[1m]))',
          '5xx',
        ),
      ),
      held,
      leads,
      states(
        'What answers',
        'Every part of the lab that is asked, at 1.',
        'short',
        query('up', '{{instance}} ({{job}})'),
      ),
      servers,
      behindLeader,
      alerts,
    ],
  },
  {
    name: 'failover',
    title: 'Failover',
    says: 'From the death of a leader to the first write on another one: lock, promotion, HAProxy, service.',
    panels: [
      leads,
      timelines,
      states(
        'No lock',
        '1 while nobody has the lock of the leader: the time between its end and the next election.',
        'short',
        query('patroni_cluster_unlocked', '{{instance}}'),
      ),
      graph(
        'Last word with etcd',
        'How long ago each member heard of etcd. Beyond the TTL of 20 s a leader that is not in failsafe mode steps down.',
        's',
        query('time() - patroni_dcs_last_seen', '{{instance}}'),
      ),
      servers,
      held,
      writes,
      graph(
        'Attempts that were repeated',
        'By SQLSTATE or error. They are what a client does not see.',
        'ops',
        maybe(nothingHappened, 'sum by (reason) (rate(pgha_write_retries_total[1m]))', 'write, {{reason}}'),
        maybe(nothingHappened, 'sum by (reason) (rate(pgha_read_retries_total[1m]))', 'read, {{reason}}'),
      ),
      graph(
        'Writes that had waited',
        'How many in the last five minutes, for a leader or for another attempt.',
        'short',
        query('sum(increase(pgha_write_held_seconds_count[5m]))', 'writes'),
      ),
      states(
        'Failsafe mode',
        '1 while the leader goes on without etcd.',
        'short',
        query('patroni_failsafe_mode_is_active', '{{instance}}'),
      ),
      graph(
        'Fencing',
        'Deaths of containers, by what was done about them.',
        'short',
        maybe(onRequest('fencing'), 'sum by (action, reason) (fencing_decisions_total)', '{{action}}: {{reason}}'),
      ),
    ],
  },
  {
    name: 'replication',
    title: 'Replication',
    says: 'How much WAL there is, who has it, who shows it, and what is kept for whom.',
    panels: [
      graph(
        'WAL written',
        'Bytes a second, by the leader.',
        'Bps',
        query('max(rate(patroni_xlog_location[1m]))', 'leader'),
      ),
      behindLeader,
      graph(
        'Received and not replayed',
        'What a replica would have to replay before it leads.',
        'bytes',
        query(
          'clamp_min(patroni_xlog_received_location - patroni_xlog_replayed_location and patroni_replica == 1, 0)',
          '{{instance}}',
        ),
      ),
      graph(
        'Age of what a replica shows',
        'While nobody writes it is 0.',
        's',
        query('pg_replication_lag_seconds and on (instance) patroni_replica == 1', '{{instance}}'),
      ),
      states(
        'May be promoted',
        '1: it has every acknowledged commit, or would with the vote of another one.',
        'short',
        query('patroni_quorum_standby', '{{instance}} (quorum)'),
        query('patroni_sync_standby', '{{instance}} (sync)'),
      ),
      states('Streams', '1 while it receives WAL.', 'short', query('patroni_postgres_streaming', '{{instance}}')),
      states(
        'Replay paused',
        '0. Patroni resumes it, unless it is paused itself.',
        'short',
        query('patroni_xlog_paused', '{{instance}}'),
      ),
      graph(
        'WAL kept by the leader for a slot',
        'It grows while whoever the slot belongs to is away.',
        'bytes',
        query('pg_replication_slots_pg_wal_lsn_diff and on (instance) patroni_primary == 1', '{{slot_name}}'),
      ),
      graph(
        'Oldest transaction',
        'It keeps old rows from being removed, and on a replica it holds replay up.',
        's',
        query('max by (instance) (pg_stat_activity_max_tx_duration)', '{{instance}}'),
      ),
      graph(
        'Repository of backups',
        'WAL that it has not received, and WAL that the members keep for it.',
        'bytes',
        maybe(onRequest('backup'), 'max(pgha_backup_wal_behind_bytes)', 'behind'),
        maybe(onRequest('backup'), 'max(pgha_backup_wal_retained_bytes)', 'kept for it'),
      ),
    ],
  },
  {
    name: 'etcd',
    title: 'etcd',
    says: 'Whether the members agree, and how long that takes them: slow disks and networks cost elections, here and in Patroni.',
    panels: [
      states('Has a leader', '1 for each member in quorum.', 'short', query('etcd_server_has_leader', '{{instance}}')),
      states('Is the leader', 'One at 1.', 'short', query('etcd_server_is_leader', '{{instance}}')),
      graph(
        'Elections in 15 minutes',
        'More than one or two without a fault: disks, processors or the network are too slow.',
        'short',
        query('increase(etcd_server_leader_changes_seen_total[15m])', '{{instance}}'),
      ),
      graph(
        'Write to the log, p99',
        'Time of fsync. Beyond 10 ms etcd asks for a faster disk; beyond a second it holds elections.',
        's',
        query(quantile(0.99, 'etcd_disk_wal_fsync_duration_seconds', 'instance'), '{{instance}}'),
      ),
      graph(
        'Commit to the database, p99',
        'The same for its database.',
        's',
        query(quantile(0.99, 'etcd_disk_backend_commit_duration_seconds', 'instance'), '{{instance}}'),
      ),
      graph(
        'Round trip between members, p99',
        'An election begins after a second without a heartbeat.',
        's',
        query(quantile(0.99, 'etcd_network_peer_round_trip_time_seconds', 'instance'), '{{instance}}'),
      ),
      graph(
        'Proposals',
        'Changes that are agreed on, that wait, and that failed for want of quorum.',
        'ops',
        query('max(rate(etcd_server_proposals_committed_total[1m]))', 'agreed'),
        query('sum(etcd_server_proposals_pending)', 'waiting'),
        query('sum(rate(etcd_server_proposals_failed_total[1m]))', 'failed'),
      ),
      graph(
        'Size of the database',
        'Beyond its quota of 2 GiB etcd takes no writes.',
        'bytes',
        query('etcd_mvcc_db_total_size_in_bytes', '{{instance}}'),
      ),
    ],
  },
  {
    name: 'haproxy',
    title: 'HAProxy and pools',
    says: 'Whom HAProxy believes to be up, what passes through it, and how many connections PostgreSQL has.',
    panels: [
      servers,
      states(
        'Servers that are up',
        'What its own checks say. During a failover it differs from Patroni for a moment.',
        'short',
        query('haproxy_server_status{job="haproxy", state="UP"}', '{{proxy}} {{server}}'),
      ),
      graph(
        'Sessions',
        'Those of SQL clients live long; requests of the service pass in milliseconds.',
        'short',
        query('haproxy_backend_current_sessions{job="haproxy"}', '{{proxy}}'),
      ),
      graph(
        'Clients that wait',
        'For a server with room. Nobody should.',
        'short',
        query('haproxy_backend_current_queue{job="haproxy"}', '{{proxy}}'),
      ),
      graph(
        'Failed connects and repeated requests',
        'A repeated one went to another server, and its client saw nothing.',
        'ops',
        query('sum by (proxy) (rate(haproxy_backend_connection_errors_total{job="haproxy"}[1m]))', '{{proxy}}: failed'),
        query('sum by (proxy) (rate(haproxy_backend_retry_warnings_total{job="haproxy"}[1m]))', '{{proxy}}: repeated'),
      ),
      graph(
        'Failed checks',
        'By server. Members that do not lead fail the check of `leader`, which is no failure.',
        'ops',
        query('rate(haproxy_server_check_failures_total{job="haproxy"}[1m])', '{{proxy}} {{server}}'),
      ),
      graph(
        'Responses of the service',
        'As HAProxy saw them, its own 503 included.',
        'reqps',
        query('sum by (code) (rate(haproxy_backend_http_responses_total{job="haproxy", proxy="api"}[1m]))', '{{code}}'),
      ),
      graph(
        'Connections to PostgreSQL',
        'By state. Idle ones are those of the pools of the service.',
        'short',
        query('sum by (instance, state) (pg_stat_activity_count{datname="app_db"})', '{{instance}} {{state}}'),
      ),
      graph(
        'Share of the connections that a member allows',
        'At 1 only the superuser gets in.',
        'percentunit',
        query(
          'sum by (instance) (pg_stat_activity_count) / on (instance) (pg_settings_max_connections - on (instance) pg_settings_superuser_reserved_connections)',
          '{{instance}}',
        ),
      ),
      graph(
        'Sessions through the poolers',
        'Of clients of :5010 and :5011.',
        'short',
        maybe(onRequest('pooler'), 'haproxy_backend_current_sessions{job="haproxy", proxy=~"pooled-.*"}', '{{proxy}}'),
      ),
      states('Two proxies', '1 for each of them.', 'short', maybe(onRequest('edge'), 'up{job="edge"}', '{{instance}}')),
    ],
  },
  {
    name: 'service',
    title: 'Service',
    says: 'Which node answered and why, what happened to writes, and what the cache saved or refused.',
    panels: [
      responses,
      latency,
      graph(
        'Reads by who may answer',
        'By consistency mode, and by what decided which node it was.',
        'ops',
        query('sum by (mode, reason) (rate(pgha_reads_total[1m]))', '{{mode}}: {{reason}}'),
      ),
      graph(
        'Reads that the leader answered instead',
        'A replica was wanted, and none could: behind, or away.',
        'ops',
        maybe(nothingHappened, 'sum by (reason) (rate(pgha_read_fallbacks_total[1m]))', '{{reason}}'),
      ),
      graph(
        'Waiting for a node that is new enough, p99',
        'From the first node found behind to the one that answered.',
        's',
        maybe(nothingHappened, quantile(0.99, 'pgha_read_consistency_wait_seconds', 'mode'), '{{mode}}'),
      ),
      graph(
        'Reads refused',
        'Too many were falling back to the leader.',
        'ops',
        query('sum(rate(pgha_read_cap_rejections_total[1m]))', 'refused'),
      ),
      writes,
      held,
      graph(
        'Repeated keys',
        'Writes that were answered from the store of idempotency keys, and not done again.',
        'ops',
        maybe(nothingHappened, 'sum(rate(pgha_writes_total{outcome="replayed"}[1m]))', 'replayed'),
      ),
      graph(
        'Cache',
        'Reads of what is cached, by result.',
        'ops',
        query('sum by (result) (rate(pgha_cache_requests_total[1m]))', '{{result}}'),
      ),
      graph(
        'Answers kept or refused by the cache',
        'Refused ones could be older than a write: floor, pending, older, epoch.',
        'ops',
        query('sum by (outcome) (rate(pgha_cache_fills_total[1m]))', '{{outcome}}'),
      ),
      graph(
        'Writes that the cache was not told of',
        'While Redis is away.',
        'ops',
        maybe(nothingHappened, 'sum by (step) (rate(pgha_cache_unfenced_writes_total[1m]))', '{{step}}'),
      ),
      graph(
        'Memory of Redis',
        'At 64 MiB it forgets what was asked for least recently.',
        'bytes',
        query('redis_memory_used_bytes', 'used'),
      ),
      graph(
        'Delay of the event loop, p99',
        'Beyond some 50 ms an instance is busy with itself.',
        's',
        query('nodejs_eventloop_lag_p99_seconds{job="api"}', '{{instance}}'),
      ),
      graph(
        'Processor',
        'Cores that an instance uses. One thread does most of the work.',
        'short',
        query('rate(process_cpu_seconds_total{job="api"}[1m])', '{{instance}}'),
      ),
      graph(
        'Memory',
        'At 512 MiB its container is killed.',
        'bytes',
        query('process_resident_memory_bytes{job="api"}', '{{instance}}'),
      ),
    ],
  },
  {
    name: 'chaos',
    title: 'Chaos runs',
    says: 'A fault and what followed from it, on one time axis: choose the time of a run. Marks show faults, changes of the leader, and alerts.',
    panels: [
      states(
        'Faults',
        '1 while scripts/lab chaos run, or the console, holds one.',
        'short',
        maybe('nothing is broken', 'pgha_fault_active == 1', '{{fault}}'),
      ),
      alerts,
      states(
        'What does not answer',
        'Targets at 0.',
        'short',
        maybe('all of them answer', 'up == 0', '{{instance}} ({{job}})'),
      ),
      leads,
      timelines,
      servers,
      writes,
      held,
      responses,
      latency,
      behindLeader,
      states(
        'etcd has a leader',
        '1 for each member in quorum.',
        'short',
        query('etcd_server_has_leader', '{{instance}}'),
      ),
    ],
  },
];
