/**
 * The data layer for a service on a PostgreSQL cluster that fails over: reads from any replica that has what the client has
 * seen, writes that happen exactly once. README.md says what is guaranteed, and what the database has to bring.
 *
 * This is the only file that applications import.
 *
 * @packageDocumentation
 */

// Putting it together: one module, its options, and what the library asks of the application.
export { PostgresHaModule, type PostgresHaAsyncOptions } from './postgres-ha.module.js';
export type {
  ConsistencyOptions,
  DatabaseOptions,
  DatabaseTls,
  Endpoint,
  PostgresHaOptions,
  PostgresHaSettings,
  TransactionOptions,
} from './options/postgres-ha.options.js';
export type { DataMetrics } from './options/data.metrics.js';
export type { EndedTimeline, TimelineHistory } from './options/timeline.history.js';
export type { Refusals, StoredRefusal } from './options/refusals.js';

// Errors.
export { postgresHaErrors, type PostgresHaErrorCode } from './errors/error.catalogue.js';
export { PostgresHaError } from './errors/postgres-ha.error.js';

// Reading: which node may answer.
export { ConsistencyModule } from './consistency/consistency.module.js';
export { ReadFacade, type ReadOptions, type ReadResult } from './consistency/read.facade.js';
export { servedByFields, type Served } from './consistency/served.js';

// Writing: how it survives a failover.
export { TransactionsModule } from './transactions/transactions.module.js';
export { WriteFacade, type WriteResult } from './transactions/write.facade.js';
export type { CommitWatcher } from './transactions/write.attempt.js';
export { created, noContent, ok, type Answer } from './transactions/answer.js';
export { createKeysTable } from './transactions/idempotency.store.js';
export { IdempotencyPruner } from './transactions/idempotency.pruner.js';

// Requests: what their headers ask for, and what the answers' say.
export { negotiateConsistency } from './consistency/consistency.hooks.js';
export { RequestContext, type Proof } from './consistency/request.context.js';
export { IdempotencyContext } from './transactions/idempotency.context.js';

// Positions in the log, for a cache that must keep the same promises.
export { claimsAfterReading, TokenCodec, type Claims } from './consistency/consistency.token.js';
export { LeaderSampler } from './consistency/leader.sampler.js';
export { LineageService } from './consistency/lineage.service.js';
export { judge, type Lineage, type Position, type Replayed } from './consistency/position.js';
export type { ReadConsistency } from './consistency/read-consistency.header.js';
export { routeOf } from './consistency/read.routing.js';
export { bytesBehind, formatLsn } from './database/lsn.js';

// Connections, for looking at the cluster (health, replication) and for DataSources of the application's own.
export { DatabaseModule } from './database/database.module.js';
export { DatabaseLifecycle } from './database/database.lifecycle.js';
export { MemberConnections, type MemberAddress, type Route } from './database/member.connections.js';
export { withClient } from './database/connection.checkout.js';
export type { ClusterClient, Role } from './database/cluster.client.js';
export { ClusterPool, type ClusterPoolOptions } from './database/cluster.pool.js';
export { dataSourceOptions, leaderDataSourceOptions, type DataSourceName } from './database/data-source.options.js';

// What a failure means, and how long to wait after it.
export { classifyFailure, codeOf, isAccessRefused } from './database/failure.table.js';
export { unavailableWhenAway } from './database/unavailable.js';
export { backoffMs } from './database/backoff.js';
