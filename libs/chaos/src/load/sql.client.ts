import { z } from 'zod';
import { writtenTimelineSql } from '../../../cluster/src/core/timeline.mjs';
import type { HistoryRecorder } from '../history/history.recorder.js';
import type { Completion, Invocation } from '../history/operation.js';
import type { Client } from './client.queue.js';
import { SqlConnection, type SqlTarget } from './sql.connection.js';
import { sqlFailure } from './sql.outcome.js';

/** A client that has waited for so long cuts its connection. */
const operationTimeoutMs = 30_000;

/** What all SQL clients of a run share. */
export interface SqlShared {
  readonly recorder: HistoryRecorder;
  readonly leader: SqlTarget;
  readonly replicas: SqlTarget;
  /** Every key of this run begins with it. */
  readonly prefix: string;
  readonly counters: readonly string[];
}

/** The timeline of the node that commits. */
const timelineNow = `${writtenTimelineSql} AS timeline`;
const timelineSchema = z.object({ timeline: z.number() });
const countedSchema = timelineSchema.extend({ value: z.coerce.number() });
const readSchema = z.object({ value: z.coerce.number(), replica: z.boolean() });

abstract class SqlClient implements Client {
  private operations = 0;

  constructor(
    protected readonly session: string,
    protected readonly shared: SqlShared,
    protected readonly connection: SqlConnection,
  ) {}

  open(): Promise<void> {
    return this.connection.open();
  }

  async operate(dueMs: number): Promise<void> {
    this.operations += 1;
    await this.next(this.operations, dueMs);
  }

  protected abstract next(operation: number, dueMs: number): Promise<void>;

  async close(): Promise<void> {
    this.connection.destroy();
  }

  protected async record(
    invocation: Omit<Invocation, 'session' | 'channel'>,
    work: (beforeCommit: () => void) => Promise<Completion>,
  ): Promise<void> {
    const pending = this.shared.recorder.begin({ session: this.session, channel: 'sql', ...invocation });
    let committing = false;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.connection.destroy();
    }, operationTimeoutMs);
    try {
      await this.connection.open();
      this.connection.notices.length = 0;
      const { member } = this.connection;
      const completion = await work(() => (committing = true));
      pending.end({ ...completion, ...(member === undefined ? {} : { member }) });
    } catch (error) {
      this.connection.destroy();
      pending.end(sqlFailure(error, { committing, timedOut }));
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A client that writes in explicit transactions and never tries again, as an application without the service would. */
export class SqlWriter extends SqlClient {
  constructor(session: string, shared: SqlShared) {
    super(session, shared, new SqlConnection(shared.leader));
  }

  protected async next(operation: number, dueMs: number): Promise<void> {
    if (operation % 4 === 0) await this.add(operation, dueMs);
    else await this.insert(operation, dueMs);
  }

  private insert(operation: number, dueMs: number): Promise<void> {
    const key = `${this.shared.prefix}-${this.session}-${operation}`;
    return this.record({ action: 'write', row: 'unique', key, dueMs }, (beforeCommit) =>
      this.transaction(
        beforeCommit,
        `INSERT INTO lab.chaos_unique (key) VALUES ($1) RETURNING ${timelineNow}`,
        key,
        (row) => ({
          timeline: timelineSchema.parse(row).timeline,
        }),
      ),
    );
  }

  private add(operation: number, dueMs: number): Promise<void> {
    const key = this.shared.counters[(operation / 4) % this.shared.counters.length] ?? '';
    const sql = `UPDATE lab.chaos_counters SET value = value + 1 WHERE key = $1 RETURNING value, ${timelineNow}`;
    return this.record({ action: 'write', row: 'counter', key, value: 1, dueMs }, (beforeCommit) =>
      this.transaction(beforeCommit, sql, key, (row) => {
        const { value, timeline } = countedSchema.parse(row);
        return { returned: value, timeline };
      }),
    );
  }

  private async transaction(
    beforeCommit: () => void,
    sql: string,
    key: string,
    read: (row: unknown) => Pick<Completion, 'timeline' | 'returned'>,
  ): Promise<Completion> {
    await this.connection.query('BEGIN');
    const { rows } = await this.connection.query(sql, [key]);
    const seen = read(rows[0]);
    beforeCommit();
    const { command } = await this.connection.query('COMMIT');
    if (command !== 'COMMIT') return { outcome: 'failed', errorClass: 'rolled_back', ...seen };
    // When its wait for a standby is cancelled, PostgreSQL only warns: the commit is on this node, and perhaps on no other.
    const doubt = this.connection.notices.some((notice) => notice.includes('synchronous replication'));
    return {
      ...(doubt ? { outcome: 'unknown', errorClass: 'sync_wait_cancelled' } : { outcome: 'ok' }),
      role: 'leader',
      ...seen,
    };
  }
}

/** A client that reads counters from any replica (:5001) or from the leader (:5000). */
export class SqlReader extends SqlClient {
  constructor(
    session: string,
    shared: SqlShared,
    private readonly consistency: 'replica' | 'leader',
  ) {
    super(session, shared, new SqlConnection(consistency === 'leader' ? shared.leader : shared.replicas));
  }

  protected next(operation: number, dueMs: number): Promise<void> {
    const key = this.shared.counters[operation % this.shared.counters.length] ?? '';
    const sql = 'SELECT value, pg_is_in_recovery() AS replica FROM lab.chaos_counters WHERE key = $1';
    return this.record({ action: 'read', row: 'counter', key, consistency: this.consistency, dueMs }, async () => {
      const { rows } = await this.connection.query(sql, [key]);
      if (rows.length === 0) return { outcome: 'ok', value: null };
      const { value, replica } = readSchema.parse(rows[0]);
      return { outcome: 'ok', value, role: replica ? 'replica' : 'leader' };
    });
  }
}
