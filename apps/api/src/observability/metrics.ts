import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Every metric of the service is registered here and nowhere else. */
export class Metrics {
  readonly registry = new Registry();

  readonly httpDurationSeconds = new Histogram({
    name: 'pgha_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its response, by route pattern.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });

  readonly reads = new Counter({
    name: 'pgha_reads_total',
    help: 'Reads by consistency mode and by what decided who answered (see libs/postgres-ha/src/consistency/README.md).',
    labelNames: ['mode', 'reason'],
    registers: [this.registry],
  });

  readonly readWaitSeconds = new Histogram({
    name: 'pgha_read_consistency_wait_seconds',
    help: 'Time from the first node found behind to the node that answered.',
    labelNames: ['mode'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers: [this.registry],
  });

  readonly readFallbacks = new Counter({
    name: 'pgha_read_fallbacks_total',
    help: 'Reads the leader answered where a replica was wanted.',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  readonly readRetries = new Counter({
    name: 'pgha_read_retries_total',
    help: 'Attempts of a read that were followed by another, by SQLSTATE or transport error, or because the node was behind.',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  readonly readCapRejections = new Counter({
    name: 'pgha_read_cap_rejections_total',
    help: 'Reads refused because too many were already falling back to the leader.',
    registers: [this.registry],
  });

  readonly writes = new Counter({
    name: 'pgha_writes_total',
    help: "Units of work by how they ended: committed, replayed, refused (the caller's error), unavailable, unknown.",
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  readonly writeRetries = new Counter({
    name: 'pgha_write_retries_total',
    help: 'Attempts that failed and were followed by another, by SQLSTATE or transport error.',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  readonly writeHeldSeconds = new Histogram({
    name: 'pgha_write_held_seconds',
    help: 'Time a unit of work was held: it waited for a leader, or needed more than one attempt.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 20, 25, 30],
    registers: [this.registry],
  });

  readonly writesInFlight = new Gauge({
    name: 'pgha_writes_in_flight',
    help: 'Units of work under way or waiting for a leader.',
    registers: [this.registry],
  });

  readonly writesHeld = new Gauge({
    name: 'pgha_writes_held',
    help: '1 while writes wait because the leader cannot be reached, else 0.',
    registers: [this.registry],
  });

  readonly lostWrites = new Counter({
    name: 'pgha_acknowledged_writes_lost_total',
    help: 'Reads whose token named a state that a failover has lost.',
    registers: [this.registry],
  });

  readonly cacheRequests = new Counter({
    name: 'pgha_cache_requests_total',
    help: 'Reads of what is cached: hit, miss (nothing kept), stale (too old for this reader), bypass (not asked) or unavailable.',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly cacheFills = new Counter({
    name: 'pgha_cache_fills_total',
    help: 'What became of answers to be kept: stored, unavailable, or refused as older than a write (floor), than a write being committed (pending), than what is kept (older) or than the cache itself (epoch); unproven: its position is not known.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  readonly cacheUnfencedWrites = new Counter({
    name: 'pgha_cache_unfenced_writes_total',
    help: 'Writes the cache could not be told of in time, before (mark) or after (floor) their commit.',
    labelNames: ['step'],
    registers: [this.registry],
  });

  readonly cacheSeconds = new Histogram({
    name: 'pgha_cache_operation_seconds',
    help: 'Time of each use of the cache, failed ones included.',
    labelNames: ['operation'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1],
    registers: [this.registry],
  });

  readonly backupUp = new Gauge({
    name: 'pgha_backup_up',
    help: 'Whether the repository of backups says how it is: 1 or 0. Without it the other metrics of the backup are not known.',
    labelNames: ['repository'],
    registers: [this.registry],
  });

  readonly backupGap = new Gauge({
    name: 'pgha_backup_gap',
    help: '1 while what is written now cannot be restored, because WAL was lost to the repository and no base backup has been made since, or there is none; else 0.',
    labelNames: ['repository'],
    registers: [this.registry],
  });

  readonly backupAgeSeconds = new Gauge({
    name: 'pgha_backup_age_seconds',
    help: 'Age of the last base backup that can be restored.',
    labelNames: ['repository'],
    registers: [this.registry],
  });

  readonly backupWalAgeSeconds = new Gauge({
    name: 'pgha_backup_wal_age_seconds',
    help: 'How long ago the repository last received WAL: 0 while it does.',
    labelNames: ['repository'],
    registers: [this.registry],
  });

  readonly backupWalBehindBytes = new Gauge({
    name: 'pgha_backup_wal_behind_bytes',
    help: 'WAL that the leader has written and not sent to the repository.',
    labelNames: ['repository'],
    registers: [this.registry],
  });

  readonly backupWalRetainedBytes = new Gauge({
    name: 'pgha_backup_wal_retained_bytes',
    help: 'WAL that each member keeps for the repository.',
    labelNames: ['repository'],
    registers: [this.registry],
  });

  readonly backupVerifiedAgeSeconds = new Gauge({
    name: 'pgha_backup_verified_age_seconds',
    help: 'How long ago a restore was last verified.',
    labelNames: ['repository'],
    registers: [this.registry],
  });

  readonly backupCopyAgeSeconds = new Gauge({
    name: 'pgha_backup_copy_age_seconds',
    help: 'Age of the second copy of the repository, where one is kept.',
    labelNames: ['repository'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
