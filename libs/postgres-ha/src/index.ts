/**
 * The data layer for a service on a PostgreSQL cluster that fails over: reads from any replica that has what the client has
 * seen, writes that happen exactly once. README.md says what is guaranteed, and what the database has to bring.
 *
 * This is the core, over `pg` and without a framework. `postgres-ha/typeorm` and `postgres-ha/nest` stand on it.
 *
 * @packageDocumentation
 */

// Putting it together.
export {
  createPostgresHa,
  PostgresHa,
  type ReadOptions,
  type ReadResult,
  type WriteOptions,
  type WriteResult,
} from './postgres-ha.js';
export { installStatements, type InstallOptions } from './install.js';
export type {
  Address,
  ConnectionOptions,
  ConsistencyOptions,
  DatabaseOptions,
  DatabaseTls,
  HostEndpoints,
  PostgresHaOptions,
  PostgresHaSettings,
  ProxyEndpoints,
  ReadPool,
  TokenSecret,
  TransactionOptions,
  WritePool,
} from './options/postgres-ha.options.js';
export {
  resolveDatabase,
  resolveOptions,
  type Host,
  type ResolvedConsistency,
  type ResolvedDatabase,
  type ResolvedEndpoint,
  type ResolvedOptions,
  type ResolvedTransactions,
} from './options/resolved.options.js';
export { silentLogger, type Logger } from './options/logger.js';
export { noMetrics, type Counter, type DataMetrics, type Gauge } from './options/data.metrics.js';
export { noRefusals, type Refusals, type StoredRefusal } from './options/refusals.js';
export type { EndedTimeline, TimelineHistory } from './options/timeline.history.js';

// Errors.
export { postgresHaErrors, type ErrorKind, type PostgresHaErrorCode } from './errors/error.catalogue.js';
export { PostgresHaError, type PostgresHaErrorOptions } from './errors/postgres-ha.error.js';

// Reading: which node may answer.
export { Reads, type Proof, type ReadingParts, type ReadOutcome, type ReadRequest } from './consistency/reads.js';
export type { Statement } from './consistency/node.position.js';
export { parseReadConsistency, type ReadConsistency } from './consistency/read-consistency.header.js';
export { servedByFields, servedByHeader, type ForwardReason, type Served } from './consistency/served.js';
export { routeOf, type Admission, type ReadRoute } from './consistency/read.routing.js';

// Writing: how it survives a failover.
export { Writes } from './transactions/writes.js';
export { AttemptError, type CommitWatcher, type Committed, type UnitOfWork } from './transactions/write.attempt.js';
export { created, noContent, ok, type Answer } from './transactions/answer.js';
export {
  keyOf,
  onceKey,
  type IdempotencyKey,
  type KeyedRequest,
  type OnceKey,
} from './transactions/idempotency.key.js';

// Exactly once in a transaction of the caller's own: this needs nothing else of the library.
export { exactlyOnce, type ExactlyOnceOptions, type Once } from './transactions/exactly.once.js';
export {
  createKeysTable,
  IdempotencyStore,
  type InTransaction,
  type StoredAnswer,
} from './transactions/idempotency.store.js';
export { IdempotencyPruner } from './transactions/idempotency.pruner.js';

// Tokens and positions in the log.
export {
  claimsAfterReading,
  claimsAfterWriting,
  readClaims,
  TokenCodec,
  writeClaims,
  type Claims,
  type ConsistencyToken,
} from './consistency/consistency.token.js';
export { LeaderSampler } from './consistency/leader.sampler.js';
export { LineageService } from './consistency/lineage.service.js';
export { postgresTimelines } from './consistency/postgres.timelines.js';
export { judge, merge, type Lineage, type Position, type Replayed, type Standing } from './consistency/position.js';
export { bytesBehind, formatLsn, parseLsn } from './database/lsn.js';

// Connections, for looking at the cluster (health, replication) and for pools of the application's own.
export type { Pools } from './database/pools.js';
export { askReadSide } from './database/read.side.js';
export { leaderPoolOptions, poolOptions, type OwnLogin, type PoolName } from './database/pool.options.js';
export { ClusterPool, type ClusterPoolOptions, type PooledClient } from './database/cluster.pool.js';
export { HostDirectory } from './database/host.directory.js';
export { nextHost, type HostChoice, type HostState } from './database/host.choice.js';
export {
  ClusterClient,
  type ClusterClientConfig,
  type Node,
  type Role,
  type Target,
} from './database/cluster.client.js';
export { type IdleConnection, type Rank } from './database/idle.choice.js';
export type { Isolation } from './database/pipeline.js';
export { withClient } from './database/connection.checkout.js';
export { DatabaseLifecycle } from './database/database.lifecycle.js';
export {
  MemberConnections,
  MEMBER_SILENT,
  type MemberAddress,
  type Route,
  type Told,
} from './database/member.connections.js';

// What a failure means, and how long to wait after it.
export {
  classifyFailure,
  codeOf,
  isAccessRefused,
  type Failure,
  type Phase,
  type TransactionOutcome,
} from './database/failure.table.js';
export { unavailableWhenAway } from './database/unavailable.js';
export { backoffMs } from './database/backoff.js';
